"""Prints the ids of an agreement and of a commitment in it: commitment.py BASE-URL. The token is in MOU_TOKEN.

The agreement was signed before the day of the report that the clients make.
"""

import json
import os
import sys
import urllib.request


def get(path: str) -> list[dict]:
    request = urllib.request.Request(
        f"{sys.argv[1]}/api/v1{path}", headers={"Authorization": f"Bearer {os.environ['MOU_TOKEN']}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["items"]


for agreement in get("/agreements?signed_to=2023-05-31&limit=200"):
    for commitment in get(f"/agreements/{agreement['id']}/commitments"):
        print(agreement["id"], commitment["id"])
        sys.exit()
sys.exit("the demo has no commitment")
