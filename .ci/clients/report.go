// Reports on a commitment with OpenAPI Generator's client: report BASE-URL AGREEMENT COMMITMENT
// The token is in MOU_TOKEN.
package main

import (
	"context"
	"fmt"
	"os"

	openapi "mou_registry"
)

func main() {
	baseURL, agreement, commitment := os.Args[1], os.Args[2], os.Args[3]
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: baseURL}}
	configuration.AddDefaultHeader("Authorization", "Bearer "+os.Getenv("MOU_TOKEN"))
	client := openapi.NewAPIClient(configuration)

	on := "2023-06"
	body := openapi.NewCommitmentReportCreate(
		openapi.StringAsImpreciseDateInput(&on), openapi.ReportableStatusInProgress)
	note := openapi.NewLocalizedInput()
	note.SetEn("reported with Go")
	body.SetNote(*note)
	report, _, err := client.AgreementsAPI.CreateCommitmentReport(context.Background(), agreement, commitment).
		CommitmentReportCreate(*body).Execute()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	edtf := report.On.GetEdtf()
	if report.Status != openapi.ReportedStatusInProgress || edtf != on {
		fmt.Fprintln(os.Stderr, report.Status, edtf)
		os.Exit(1)
	}
	fmt.Println("Go reported", report.Id)
}
