"""The page that sends a document: ticked recipients, other addresses, and what became of it."""

import pytest

from billing import services
from notifications.models import Message
from tests.factories import make_office_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_settings")]


@pytest.fixture
def page(client, made):
    client.force_login(make_office_user("Biller"))
    return client, f"/billing/statements/{made.pk}/send/"


def test_the_billing_recipients_are_ticked_and_get_it(page, made):
    client, url = page
    assert 'value="ap@casa.example"' in client.get(url).content.decode()
    answer = client.post(url, {"recipients": ["ap@casa.example"], "others": "cfo@casa.example"}, follow=True)
    text = answer.content.decode()
    assert "on its way to 2 addresses" in text
    assert {row.address for row in Message.objects.all()} == {"ap@casa.example", "cfo@casa.example"}
    detail = client.get(f"/billing/statements/{made.pk}/").content.decode()
    assert detail.count("Waiting") == 2


def test_what_is_no_address_is_refused_beside_its_field_and_kept(page):
    client, url = page
    answer = client.post(url, {"others": "<script>alert(1)</script>"})
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content
    assert not Message.objects.exists()


def test_the_same_form_sent_twice_sends_once(page):
    client, url = page
    sent = {"recipients": ["ap@casa.example"]}
    assert client.post(url, sent).status_code == 302
    assert b"on its way to ap@casa.example already" in client.post(url, sent).content
    assert Message.objects.count() == 1


def test_a_draft_has_no_such_page(page, made):
    client, _url = page
    draft = services.reissue_statement(
        actor=make_office_user("Reviewer"),
        statement=services.void_statement(
            actor=make_office_user("Reviewer"), statement=made, reason="Wrong client"
        ),
    )
    assert client.get(f"/billing/statements/{draft.pk}/send/").status_code == 404
