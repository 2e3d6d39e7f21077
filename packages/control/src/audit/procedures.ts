// The procedures of the audit record; part of the router. None of them changes anything.
import * as api from '@sluice/contract/api';
import { read, readAll } from '../access-kinds.ts';
import { listAudit } from '../config/history.ts';
import { guarded, router } from '../procedure.ts';
import { chainOf, exportAudit, searchAudit } from './record.ts';
import { stateOfAudit } from './watch.ts';

export const auditProcedures = router({
  list: guarded(read)
    .input(api.auditList.input)
    .output(api.auditList.output)
    .query(({ ctx, input }) => listAudit(ctx.scope, input)),
  search: guarded(read)
    .input(api.auditSearch.input)
    .output(api.auditSearch.output)
    .query(({ ctx, input }) => searchAudit(ctx.scope, input)),
  export: guarded(read)
    .input(api.auditExport.input)
    .output(api.auditExport.output)
    .query(({ ctx, input }) => exportAudit(ctx.scope, input)),
  chain: guarded(readAll)
    .input(api.auditChain.input)
    .output(api.auditChain.output)
    .query(({ ctx, input }) => chainOf(ctx.scope, input)),
  state: guarded(readAll)
    .output(api.auditState.output)
    .query(({ ctx }) => stateOfAudit(ctx.scope)),
});
