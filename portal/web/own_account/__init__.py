"""A signed-in person's own account: password, address, language, second factor, sign-ins."""

from portal.web.own_account import address, overview, password, second_factor
from portal.web.own_account.pages import own_account
