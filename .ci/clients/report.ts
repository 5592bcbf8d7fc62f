// Reports on a commitment with OpenAPI Generator's client: report.js BASE-URL AGREEMENT COMMITMENT
// The token is in MOU_TOKEN.

import { AgreementsApi, Configuration, ReportableStatus } from '../typescript-fetch';

declare const process: { argv: string[]; env: Record<string, string | undefined>; exitCode: number };

async function main(basePath: string, id: string, commitmentId: string): Promise<void> {
    const api = new AgreementsApi(new Configuration({ basePath, accessToken: process.env.MOU_TOKEN }));
    const report = await api.createCommitmentReport({
        id,
        commitmentId,
        commitmentReportCreate: {
            on: '2023-06',
            status: ReportableStatus.ReportableStatusInProgress,
            note: { en: 'reported with TypeScript' },
        },
    });
    if (report.status !== 'in_progress' || report.on.edtf !== '2023-06') {
        throw new Error(JSON.stringify(report));
    }
    console.log(`TypeScript reported ${report.id}`);
}

main(process.argv[2], process.argv[3], process.argv[4]).catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
