"""The pages of payer groups: clients are searched, ticked and saved; who may only read sees the list."""

import pytest

from billing.models import PayerGroup
from tests.factories import make_client, make_office_user, make_payer_group

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
LIST, NEW = "/billing/payer-groups/", "/billing/payer-groups/new/"


@pytest.fixture
def biller(client):
    user = make_office_user("Biller")
    client.force_login(user)
    return user


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_clients_are_searched_ticked_and_saved(client, biller):
    """P3"""
    abad, casa = make_client(name="Abad"), make_client(name="Casa", is_active=False)
    other = make_client(name="Casa Blanca")
    make_payer_group(other, name="Blanca")
    asked = {"name": "Family", "members": [str(abad.pk)], "query": "casa", "search": "1"}
    page = client.post(NEW, asked)
    assert page.status_code == 200
    assert f'value="{abad.pk}" ' in text_of(page)
    assert "Casa Blanca (in Blanca)" in text_of(page)
    assert page.context["form"]["name"].value() == "Family"
    assert page.context["form"]["members"].value() == [abad.pk]
    assert PayerGroup.objects.count() == 1
    said = client.post(NEW, {"name": "Family", "members": [str(abad.pk), str(casa.pk)]}, follow=True)
    assert "Family is saved." in text_of(said)
    assert set(PayerGroup.objects.get(name="Family").members.all()) == {abad, casa}
    assert "Family" in text_of(client.get(f"/billing/clients/{abad.pk}/"))


def test_a_search_that_finds_nothing_says_so(client, biller):
    page = client.post(NEW, {"name": "", "query": "nobody", "search": "1"})
    assert "No client fits." in text_of(page)


def test_a_refusal_stands_at_its_field_and_changes_nothing(client, biller):
    """P3"""
    other = make_client(name="Casa")
    make_payer_group(other, name="Blanca")
    for data, sentence in (
        ({"name": "blanca"}, "There is a payer group of this name: Blanca."),
        ({"name": "Family", "members": [str(other.pk)]}, "Casa is in the payer group Blanca."),
        ({"name": ""}, "This field is required."),
        ({"name": "Family", "members": ["x", "9" * 30]}, "is not a valid value"),
    ):
        page = client.post(NEW, data)
        assert page.status_code == 422
        assert sentence in text_of(page)
    assert PayerGroup.objects.count() == 1


def test_a_group_is_renamed_emptied_and_deleted_after_a_second_look(client, biller):
    """P3"""
    abad = make_client(name="Abad")
    group = make_payer_group(abad, name="Family")
    url = f"{LIST}{group.pk}/"
    page = text_of(client.get(url))
    assert "From now on each pays for itself." in page
    assert "Abad (in" not in page
    client.post(url, {"name": "Kin"})
    group.refresh_from_db()
    assert (group.name, group.members.count()) == ("Kin", 0)
    said = client.post(f"{url}delete/", follow=True)
    assert "Kin is deleted. Its clients stay." in text_of(said)
    assert client.get(url).status_code == 404


def test_who_may_only_read_sees_groups_and_no_way_to_change_them(client):
    """P3"""
    make_payer_group(make_client(name="Abad"), name="Family")
    client.force_login(make_office_user("Viewer"))
    page = text_of(client.get(LIST))
    assert "Family" in page
    assert "Abad" in page
    assert "/new/" not in page


def test_the_list_asks_as_much_of_one_group_as_of_many(client, biller, django_assert_max_num_queries):
    for number in range(8):
        make_payer_group(make_client(), make_client(), name=f"Group {number}")
    with django_assert_max_num_queries(12):
        client.get(LIST)
