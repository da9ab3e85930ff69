"""The browser tests' own ground: a person signs in by cookie, axe sees what is wrong."""

import pytest

from tests.browser.steps import assert_accessible, sign_in
from tests.factories import make_user

pytestmark = pytest.mark.engines("sqlite")


def test_a_signed_in_page_knows_its_user(live_server, page_wide):
    sign_in(page_wide, live_server, make_user())
    answer = page_wide.goto(f"{live_server.url}/accounts/password/change/")
    assert answer.status == 200
    assert page_wide.url.endswith("/accounts/password/change/")


def test_axe_finds_a_picture_without_words(live_server, page_wide):
    page_wide.goto(f"{live_server.url}/healthz")
    page_wide.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"></main></html>')
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page_wide)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_phone_is_narrow_and_knows_the_scheme(page_phone, color_scheme):
    page_phone.set_content('<meta name="viewport" content="width=device-width"><p>x</p>')
    seen = page_phone.evaluate(f"matchMedia('(prefers-color-scheme: {color_scheme})').matches")
    assert (page_phone.evaluate("innerWidth"), seen) == (360, True)
