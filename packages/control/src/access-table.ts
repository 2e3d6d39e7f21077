// What the roles are for, and the access of every procedure, as readable tables: for docs/roles.md and for tests. The second is made from
// the router itself.
import { roleName, roles, roleTable } from '@sluice/contract/api';
import { proceduresOf, type ProcedureAccess } from './callable.ts';
import { appRouter } from './router.ts';

export const procedures = (): ProcedureAccess[] => proceduresOf(appRouter);

const yes = 'yes';
const no = '';

/** Markdown. */
export function rolesInWords(): string {
  const rows = roles.map((role) => roleTable[role]).map(({ name, for: who, adds, not }) => `| ${name} | ${who} | ${adds} | ${not} |`);
  return ['| role | for | adds | may not |', '|---|---|---|---|', ...rows].join('\n');
}

/** Markdown. */
export function accessTable(): string {
  const rows = procedures().map(({ path, type, access }) => {
    const lowest = access.role === 'public' ? 'anyone' : roleName(access.role);
    const cells = [access.tenant !== 'installation-wide', access.stepUp, access.audit === 'entry'].map((is) => (is ? yes : no));
    return `| \`${path}\` | ${type} | ${access.verb} | ${lowest} | ${cells.join(' | ')} |`;
  });
  const head = '| procedure | kind | verb | lowest role | also bound to a tenant | asks again who you are | audited |';
  return [head, '|---|---|---|---|---|---|---|', ...rows].join('\n');
}
