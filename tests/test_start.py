"""What a process loads when it starts: commands and the worker carry nothing that only pages need."""

import subprocess
import sys

from django.conf import settings

START = """
import sys, django
django.setup()
print(*sorted({"ninja", "pydantic", "requests", "weasyprint", "openpyxl"} & sys.modules.keys()))
"""


def test_a_command_loads_no_library_that_serves_pages_or_asks_the_network(tmp_path):
    environment = {"BILLTRACKER_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "billtracker.settings"}
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_the_schema_is_made_once(client, django_user_model, db):
    from billtracker.api import api

    client.force_login(django_user_model.objects.create_user("ana"))
    assert client.get("/api/schema/").json()["paths"].keys() == api.schema["paths"].keys()
    assert api.get_openapi_schema() is api.get_openapi_schema(path_params={"any": 1})
