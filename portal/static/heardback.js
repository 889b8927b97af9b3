/* Enhancement only; every page works without this file.
   Does nine things: focuses the error summary, stops double submits, counts characters, closes the
   menus of the header, shows the current section, prints, looks again how far long work is,
   selects all rows of a page, and hands the focus to the stars where they are to be changed. */
(function () {
  "use strict";

  /* A file download leaves the page where it is, so the form must come free again by itself. */
  var RELEASE_AFTER_MS = 8000;
  var ANNOUNCE_AFTER_MS = 900;
  var LOOK_AGAIN_MS = 2000;
  var SHOWN_FROM = 0.8; /* of what may be written; before that, a count is only noise */

  function showCurrent(link) {
    /* On a telephone the sections stand in one line that scrolls; by itself it begins at the first. */
    var strip = link.closest("ul");
    var there = link.getBoundingClientRect();
    var left = there.left - strip.getBoundingClientRect().left;
    strip.scrollLeft += left - (strip.clientWidth - there.width) / 2;
  }

  function offerPrinting(button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  }

  function lookAgain() {
    /* Only what says how far it is, so that focus and scrolling stay; the whole page when it is over. */
    var shown = document.querySelector("[data-under-way]");
    if (!shown) {
      return;
    }
    fetch(window.location.href, { credentials: "same-origin" })
      .then(function (answer) {
        return answer.text();
      })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var now = page.querySelector("[data-under-way]");
        if (!now) {
          window.location.reload();
          return;
        }
        shown.replaceWith(now);
        window.setTimeout(lookAgain, LOOK_AGAIN_MS);
      })
      .catch(function () {
        window.setTimeout(lookAgain, LOOK_AGAIN_MS);
      });
  }

  function focusErrorSummary() {
    var summary = document.querySelector("[data-error-summary]");
    if (summary) {
      summary.focus();
    }
  }

  function release(form) {
    form.removeAttribute("aria-busy");
  }

  function stopDoubleSubmit(event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "dialog") {
      return;
    }
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    /* aria-busy instead of disabled: a disabled button would lose its name and value. */
    form.setAttribute("aria-busy", "true");
    window.setTimeout(release, RELEASE_AFTER_MS, form);
  }

  function releaseAll() {
    /* The page may come back out of the browser's cache with "back". */
    Array.prototype.forEach.call(document.querySelectorAll("form[aria-busy]"), release);
  }

  function lengthAsKept(text) {
    /* As the server counts: a line break is one character, an emoji too; space around is none. */
    return Array.from(text.trim()).length;
  }

  function countCharacters(area) {
    var limit = Number(area.getAttribute("data-max-characters"));
    var visible = document.createElement("p");
    var spoken = document.createElement("p");
    var timer = 0;

    function words() {
      var left = limit - lengthAsKept(area.value);
      var key = left < 0 ? "data-counter-over" : "data-counter-left";
      var number = Math.abs(left).toLocaleString(document.documentElement.lang || "en");
      visible.classList.toggle("counter--over", left < 0);
      return (area.getAttribute(key) || "{n}").replace("{n}", number);
    }
    function say() {
      spoken.textContent = visible.textContent;
    }
    function update() {
      visible.textContent = words();
      visible.hidden = lengthAsKept(area.value) < limit * SHOWN_FROM;
      window.clearTimeout(timer);
      timer = visible.hidden ? 0 : window.setTimeout(say, ANNOUNCE_AFTER_MS);
    }

    visible.className = "counter";
    visible.setAttribute("aria-hidden", "true");
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    area.insertAdjacentElement("afterend", spoken);
    area.insertAdjacentElement("afterend", visible);
    update();
    area.addEventListener("input", update);
  }

  function closeMenus(event) {
    Array.prototype.forEach.call(document.querySelectorAll(".account-menu[open]"), function (menu) {
      if (event.type === "keydown" && menu.contains(document.activeElement)) {
        menu.querySelector("summary").focus();
      }
      if (event.type === "keydown" || !menu.contains(event.target)) {
        menu.removeAttribute("open");
      }
    });
  }

  function focusStars(event) {
    var stars = event.target.querySelector(".star-row input:checked");
    if (event.target.open && stars && event.target.contains(document.activeElement)) {
      stars.focus();
    }
  }

  function unfoldOtherStars() {
    /* The page came back, and the browser chose what was chosen before. */
    var chosen = document.querySelector(".chosen");
    var stars = chosen && chosen.querySelector("input:checked");
    if (stars && !stars.defaultChecked) {
      chosen.open = true;
    }
  }

  function offerPage(label) {
    /* One tick for all that are shown. */
    var all = label.querySelector("input");
    label.hidden = false;
    all.addEventListener("change", function () {
      Array.prototype.forEach.call(document.querySelectorAll("input[name=pick]"), function (one) {
        one.checked = all.checked;
      });
    });
  }

  focusErrorSummary();
  window.setTimeout(lookAgain, LOOK_AGAIN_MS);
  /* "toggle" does not bubble. */
  document.addEventListener("toggle", focusStars, true);
  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      closeMenus(event);
    }
  });
  document.addEventListener("submit", stopDoubleSubmit);
  window.addEventListener("pageshow", releaseAll);
  window.addEventListener("pageshow", unfoldOtherStars);
  Array.prototype.forEach.call(
    document.querySelectorAll(".section-nav [aria-current], .tabs [aria-current]"),
    showCurrent
  );
  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), offerPrinting);
  Array.prototype.forEach.call(document.querySelectorAll("[data-pick-page]"), offerPage);
  Array.prototype.forEach.call(
    document.querySelectorAll("textarea[data-max-characters]"),
    countCharacters
  );
})();
