"""Reports on a commitment with OpenAPI Generator's client: report.py BASE-URL AGREEMENT COMMITMENT

The token is in MOU_TOKEN.
"""

import importlib
import os
import pkgutil
import sys

import openapi_client
from openapi_client import (
    AgreementsApi,
    ApiClient,
    CommitmentReportCreate,
    Configuration,
    ImpreciseDateInput,
    LocalizedInput,
    ReportableStatus,
)


def main(base_url: str, agreement: str, commitment: str) -> None:
    # Every generated module loads, those of the other resources too.
    for module in pkgutil.walk_packages(openapi_client.__path__, "openapi_client."):
        importlib.import_module(module.name)

    configuration = Configuration(host=base_url, access_token=os.environ["MOU_TOKEN"])
    with ApiClient(configuration) as client:
        report = AgreementsApi(client).create_commitment_report(
            agreement,
            commitment,
            CommitmentReportCreate(
                on=ImpreciseDateInput("2023-06"),
                status=ReportableStatus.ReportableStatusInProgress,
                note=LocalizedInput(en="reported with Python"),
            ),
        )
    assert report.status == "in_progress", report
    assert report.on.edtf == "2023-06", report
    print(f"Python reported {report.id}")


if __name__ == "__main__":
    main(*sys.argv[1:])
