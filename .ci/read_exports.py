"""Reads the demo's exports with other libraries than what wrote them: read_exports.py BASE-URL

Holds each list as XLSX (openpyxl) against the same as CSV, the catalogue (rdflib) against its downloads,
GeoJSON (geojson) against the list of projects, and OC4IDS against its schema, whose folder
MOU_TEST_OC4IDS names. The token of an admin stands in MOU_TOKEN.
"""

import csv
import datetime
import io
import json
import os
import pathlib
import re
import sys
import urllib.parse
import urllib.request
import warnings

import geojson
import jsonschema_rs
import openpyxl
from rdflib import RDF, Graph, Literal, Namespace, URIRef

API = "/api/v1"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DCAT, DCT = Namespace("http://www.w3.org/ns/dcat#"), Namespace("http://purl.org/dc/terms/")
# Whatever a name holds, it is one value of a cell.
NASTY = ["A, Inc.", '가; 나 "다"', "=라", "마"]
# The longest text of a cell in XLSX.
LONGEST = 32_767


class Registry:
    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token

    def ask(self, path: str, body: dict | None = None) -> bytes:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        data = None if body is None else json.dumps(body).encode()
        url = path if path.startswith("http") else f"{self.base}{API}{path}"
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as response:
            return response.read()

    def json(self, path: str, body: dict | None = None) -> dict:
        return json.loads(self.ask(path, body))

    def items(self, path: str) -> list[dict]:
        items, cursor = [], ""
        while cursor is not None:
            page = self.json(f"{path}?limit=200{cursor and '&cursor='}{cursor}")
            items, cursor = items + page["items"], page["next_cursor"]
        return items

    def csv(self, path: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.ask(path).decode("utf-8-sig"), newline="")))


def record(registry: Registry) -> None:
    """Records a project with places, and parties whose names hold what separates values."""
    city = registry.items("/municipalities")[0]["id"]
    ids = [registry.json("/organizations", {"kind": "company", "name": {"ko": name}})["id"] for name in NASTY]
    registry.json("/agreements", {
        "municipality_id": city, "kind": "mou", "title": {"ko": "+협약"}, "status": "draft",
        "parties": [{"organization_id": one} for one in [city, *ids]]})
    at = {"longitude": 126.7432, "latitude": 37.6694}
    registry.json("/projects", {
        "municipality_id": city, "kind": "other", "title": {"en": "Only in English"},
        "implementers": [{"organization_id": ids[0]}, {"organization_id": ids[1], "share_percent": 30}],
        "budget": {"amount": 5000, "currency": "KRW", "approximate": True},
        "locations": [{"name": {"ko": "갑동"}, "position": at}, {"name": {"ko": "을동"}}]})


# Lists of records that have lists of their own.
PARENTS = ("/agreements", "/associations", "/municipalities", "/projects", "/working-groups")


def query(spec: dict, operation: dict) -> str:
    """Returns the query without which a list does not answer, of the examples in the spec."""
    given = [spec["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
             for one in operation.get("parameters", [])]
    needed = {one["name"]: one["example"] for one in given if one["in"] == "query" and one.get("required")}
    return f"?{urllib.parse.urlencode(needed)}" if needed else ""


def lists(registry: Registry) -> list[tuple[str, str]]:
    """Returns the path and the query of each list that can be had as XLSX, of records that exist."""
    found = []
    spec = registry.json("/openapi.json")
    for path, item in spec["paths"].items():
        operation = item.get("get", {})
        path, answer = path.removeprefix(API), operation.get("responses", {}).get("200", {})
        parent, _, rest = path.partition("/{id}")
        if XLSX not in answer.get("content", {}) or "{" in parent + rest:
            continue
        if not rest:
            found.append((path, query(spec, operation)))
        elif parent in PARENTS and (records := registry.items(parent)):
            found.append((f"{parent}/{records[0]['id']}{rest}", query(spec, operation)))
    return found


def original(text: str) -> str:
    """Returns a text of CSV without the apostrophes that keep a spreadsheet from running it."""
    return re.sub(r"(^|[;\t\r\n])((?:[\" ])*'*)'(?=[=+\-@＝＋－＠\t\r\n])", r"\1\2", text)


def same(cell: openpyxl.cell.Cell, text: str) -> bool:
    match cell.value:
        case None:
            return text == ""
        case datetime.datetime() as day:
            return day.date().isoformat() == text
        case int() | float() as number:
            return float(text) == number
        case str() as value:
            return value == original(text) or len(value) == LONGEST
    return False


def workbook(registry: Registry, path: str, query: str) -> int:
    rows = registry.csv(f"{path}.csv{query}")
    book = openpyxl.load_workbook(io.BytesIO(registry.ask(f"{path}.xlsx{query}")))
    assert len(book.worksheets) == 1, path
    sheet = book.active
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref, path
    assert [cell.value for cell in sheet[1]] == rows[0], path
    assert sheet.max_row == len(rows), (path, sheet.max_row, len(rows))
    for cells, texts in zip(sheet.iter_rows(min_row=2), rows[1:], strict=True):
        for cell, text in zip(cells, texts, strict=True):
            assert cell.data_type != "f", (path, cell.coordinate)
            assert same(cell, text), (path, cell.coordinate, cell.value, text)
    return len(rows) - 1


def values(cell: str) -> list[str]:
    """Returns the values of a cell, which are written as a row of CSV."""
    return next(csv.reader([cell], skipinitialspace=True), [])


def cells_with_several_values(registry: Registry) -> int:
    listed = {item["id"]: item for item in registry.items("/agreements")}
    book = openpyxl.load_workbook(io.BytesIO(registry.ask("/agreements.xlsx")))
    headers = [cell.value for cell in book.active[1]]
    names, roles, at = (headers.index(header) for header in ("협약 당사자", "당사자 역할", "ID"))
    for row in book.active.iter_rows(min_row=2, values_only=True):
        parties = listed[row[at]]["parties"]
        told = [party["organization"]["name"]["ko"] or party["organization"]["name"]["en"] for party in parties]
        assert values(row[names] or "") == told, (row[names], told)
        assert len(values(row[roles] or "")) == len(parties), row
    return len(listed)


def catalogue(registry: Registry) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library uses what it deprecates
        graph = Graph().parse(data=registry.ask("/catalog.jsonld"), format="json-ld")
    catalogs = list(graph.subjects(RDF.type, DCAT.Catalog))
    assert len(catalogs) == 1, catalogs
    languages = set(graph.objects(catalogs[0], DCT.language))
    assert languages == {URIRef(f"http://id.loc.gov/vocabulary/iso639-1/{tag}") for tag in ("ko", "en")}, languages
    datasets, downloads = list(graph.objects(catalogs[0], DCAT.dataset)), 0
    for dataset in datasets:
        assert (dataset, RDF.type, DCAT.Dataset) in graph, dataset
        for text in (DCT.title, DCT.description):
            told = list(graph.objects(dataset, text))
            assert {one.language for one in told if isinstance(one, Literal)} == {"ko", "en"}, (dataset, told)
        assert len(list(graph.objects(dataset, DCT.publisher))) == 1, dataset
        for distribution in graph.objects(dataset, DCAT.distribution):
            access = list(graph.objects(distribution, DCAT.accessURL))
            assert len(access) == 1 and isinstance(access[0], URIRef), distribution
            services = list(graph.objects(distribution, DCAT.accessService))
            urls = list(graph.objects(distribution, DCAT.downloadURL))
            assert bool(services) != bool(urls), distribution
            for url in urls:
                assert isinstance(url, URIRef) and registry.ask(str(url)), url
                downloads += 1
    assert len(datasets) > 5 and downloads > 2 * len(datasets), (len(datasets), downloads)
    return downloads


def places(registry: Registry) -> int:
    collection = geojson.loads(registry.ask("/projects.geojson"))
    assert isinstance(collection, geojson.FeatureCollection) and collection.is_valid, collection.errors()
    found = {feature["id"]: feature for feature in collection["features"]}
    assert len(found) == len(collection["features"]), "an id stands twice"
    expected = {
        f"{project['id']}/locations/{at}": location["position"]
        for project in registry.items("/projects")
        for at, location in enumerate(project["locations"]) if location["position"]}
    assert expected and set(found) == set(expected), set(found) ^ set(expected)
    for key, position in expected.items():
        geometry = found[key]["geometry"]
        assert isinstance(geometry, geojson.Point), geometry
        assert geometry["coordinates"] == [position["longitude"], position["latitude"]], geometry
    return len(found)


def package(registry: Registry, folder: pathlib.Path) -> int:
    whole = registry.json("/projects.oc4ids.json?prefix=oc4ids-bu3kcz")
    for name, checked in (("project-package", [whole]), ("project", whole["projects"])):
        schema = json.loads((folder / f"{name}-schema.json").read_text())
        if name == "project-package":
            schema["properties"]["projects"]["items"] = {}  # they are checked by their own schema
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        for one in checked:
            wrong = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(one)]
            assert not wrong, wrong
    english = [project for project in whole["projects"] if project["title"] == "Only in English"]
    assert [project["language"] for project in english] == ["en"]
    return len(whole["projects"])


def main(base: str, token: str) -> None:
    registry = Registry(base, token)
    record(registry)
    every = lists(registry)
    rows = sum(workbook(registry, *one) for one in every)
    print(f"openpyxl reads {rows} rows of {len(every)} lists as CSV has them")
    print(f"csv tells the parties of {cells_with_several_values(registry)} agreements apart")
    print(f"rdflib reads the catalogue, and {catalogue(registry)} downloads are there")
    print(f"geojson reads {places(registry)} places")
    folder = os.environ.get("MOU_TEST_OC4IDS")
    if folder:
        print(f"the schema of OC4IDS accepts {package(registry, pathlib.Path(folder))} projects")
    else:
        print("SKIPPED: OC4IDS, MOU_TEST_OC4IDS names no folder with its schemas")


if __name__ == "__main__":
    main(sys.argv[1], os.environ["MOU_TOKEN"])
