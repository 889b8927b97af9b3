"""What every test in a real browser does alike."""

from playwright.sync_api import Page

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

CUT = """() => [...document.querySelectorAll(".chart-data")].map((one) => one.open = true)
  && [...document.querySelectorAll(".table-scroll")]
    .filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.querySelector("caption").textContent)
"""
"""Opens every figure's table; the captions of those wider than their place."""


def follow(page: Page, selector: str) -> None:
    """Click SELECTOR; come back once the page it leads to stands, styled and with its scripts run.

    A click alone comes back while the old page is still there, or the new one half.
    """
    with page.expect_navigation(wait_until="load"):
        page.click(selector)
