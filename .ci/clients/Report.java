import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.AgreementsApi;
import org.openapitools.client.model.CommitmentReport;
import org.openapitools.client.model.CommitmentReportCreate;
import org.openapitools.client.model.ImpreciseDateInput;
import org.openapitools.client.model.LocalizedInput;
import org.openapitools.client.model.ReportableStatus;
import org.openapitools.client.model.ReportedStatus;

/**
 * Reports on a commitment with OpenAPI Generator's client: Report BASE-URL AGREEMENT COMMITMENT. The token is in
 * MOU_TOKEN.
 */
public final class Report {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        client.setRequestInterceptor(
                request -> request.header("Authorization", "Bearer " + System.getenv("MOU_TOKEN")));
        CommitmentReport report = new AgreementsApi(client).createCommitmentReport(
                UUID.fromString(arguments[1]),
                UUID.fromString(arguments[2]),
                new CommitmentReportCreate()
                        .on(new ImpreciseDateInput("2023-06"))
                        .status(ReportableStatus.ReportableStatusInProgress)
                        .note(new LocalizedInput().en("reported with Java")),
                null);
        if (report.getStatus() != ReportedStatus.ReportedStatusInProgress
                || !"2023-06".equals(report.getOn().getEdtf())) {
            throw new IllegalStateException(report.toString());
        }
        System.out.println("Java reported " + report.getId());
    }
}
