"""Exit 0 if ``/readyz`` of this container says ok; Django itself is not loaded for it."""

import os
import sys
import urllib.request

port = os.environ.get("PORT") or "3030"
# The server refuses host names it does not know; the first of those configured is one it knows.
host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip(" .*") or "localhost"
request = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        sys.exit(answer.status != 200)
except OSError as error:
    sys.exit(f"Not ready: {error}")
