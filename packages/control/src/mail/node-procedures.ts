// The procedures about nodes: how they are, and which of them may open secrets; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { nodeKeyProcedures } from '../keys/procedures.ts';
import { guarded, router } from '../procedure.ts';
import { listNodes } from './nodes.ts';
import { listTlsReports } from './tls-reports.ts';

export const nodeProcedures = router({
  ...nodeKeyProcedures,
  list: guarded(can.read)
    .input(api.nothing)
    .output(api.nodesList.output)
    .query(({ ctx }) => listNodes(ctx.scope)),
  tlsReports: guarded(can.readAll)
    .input(api.nothing)
    .output(api.nodesTlsReports.output)
    .query(({ ctx }) => listTlsReports(ctx.scope)),
});
