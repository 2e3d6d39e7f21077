// Makes the run-time roles what roles.ts says, in one transaction, as often as one likes: logins with their passwords, grants from
// nothing, and the policies of row-level security. Roles belong to the whole cluster, so this is no migration. Console, audit and owner
// see the tenant of their transaction (`sluice.tenant`); the engine serves every tenant and has no table on which that would matter.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { functionGrants, grants, runtimeRoles, tenantColumns, type RuntimeRole } from './roles.ts';

export type RuntimePasswords = Record<RuntimeRole, string>;
export type RuntimeUrls = { consoleUrl: string; engineUrl: string; auditUrl: string };

/** Any number: one provisioner of a cluster at a time. */
const provisionLock = 1_936_487_797;
const identifier = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

/** The same database, as another role. */
function urlFor(ownerUrl: string, role: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}

const scramIterations = 4096;
const scramSaltBytes = 16;
const sha256Bytes = 32;

/**
 * The password as Postgres keeps it. A statement can end up in the server's log, whatever we ask of it: an owner that is no superuser
 * cannot turn that off. RFC 5802 section 3; the form is that of pg_authid.rolpassword.
 */
function scramSecret(password: string): string {
  const salt = randomBytes(scramSaltBytes);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, scramIterations, sha256Bytes, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`;
}

/** An owner that is no superuser may make roles without these powers but not mention them later, hence the check below. */
const powerless = 'nosuperuser nocreatedb nocreaterole noreplication nobypassrls';
const withPowers = `select rolname from pg_roles where rolname = any($1) and (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)`;

function roleStatements(role: RuntimeRole, password: string, exists: boolean): string[] {
  const name = identifier(runtimeRoles[role]);
  return [
    `${exists ? `alter role ${name}` : `create role ${name} ${powerless}`} login password ${literal(scramSecret(password))}`,
    `revoke all on all tables in schema public from ${name}`,
    `revoke all on all sequences in schema public from ${name}`,
    `revoke all on all functions in schema public from ${name}`,
    `grant usage on schema public to ${name}`,
    ...Object.entries(grants[role]).map(([table, privileges]) => `grant ${privileges.join(', ')} on ${identifier(table)} to ${name}`),
    ...functionGrants[role].map((signature) => `grant execute on function ${signature} to ${name}`),
  ];
}

/** Serial columns draw from a sequence as the inserting role; identity columns need no grant. */
const sequencesOf = `select s.relname as sequence, t.relname as "table" from pg_depend d
  join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_class t on t.oid = d.refobjid
  where d.deptype = 'a' and t.relnamespace = 'public'::regnamespace`;

function sequenceStatements(rows: readonly { sequence: string; table: string }[]): string[] {
  return rows.flatMap(({ sequence, table }) =>
    (Object.keys(grants) as RuntimeRole[])
      .filter((role) => grants[role][table]?.includes('insert'))
      .map((role) => `grant usage on sequence ${identifier(sequence)} to ${identifier(runtimeRoles[role])}`),
  );
}

function policyStatements(table: string, column: string): string[] {
  const name = identifier(table);
  const visible = `sluice_tenant_visible(${identifier(column)})`;
  const statements = [
    `drop policy if exists by_tenant on ${name}`,
    `create policy by_tenant on ${name} to current_user, ${runtimeRoles.console}, ${runtimeRoles.audit} using (${visible}) with check (${visible})`,
    `drop policy if exists engine on ${name}`,
  ];
  if (grants.engine[table]) statements.push(`create policy engine on ${name} to ${runtimeRoles.engine} using (true) with check (true)`);
  return statements;
}

const partitionsOf = `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.delivery_event'::regclass order by 1`;

/** Nobody but the owner touches a partition by itself; pg_dump does, as the owner. */
function partitionStatements(partition: string): string[] {
  const name = identifier(partition);
  return [
    `drop policy if exists by_tenant on ${name}`,
    `create policy by_tenant on ${name} to current_user using (sluice_tenant_visible(tenant_id))`,
  ];
}

/** Makes the run-time roles that are missing, without a login: so that what is granted to them can be restored before they are provisioned. */
export async function ensureRoles(client: pg.Client): Promise<void> {
  for (const role of Object.values(runtimeRoles)) {
    const { rows } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (rows.length === 0) await client.query(`create role ${identifier(role)} ${powerless}`);
  }
}

/** Makes roles, grants and policies; changes the passwords to those given. The database is migrated already. */
export async function provision(ownerUrl: string, passwords: RuntimePasswords): Promise<RuntimeUrls> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-provision' });
  client.on('error', () => undefined); // also rejects the query under way
  await client.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [provisionLock]);
    const existing = new Set((await client.query<{ rolname: string }>('select rolname from pg_roles')).rows.map((row) => row.rolname));
    const sequences = (await client.query<{ sequence: string; table: string }>(sequencesOf)).rows;
    const partitions = (await client.query<{ name: string }>(partitionsOf)).rows;
    const statements = [
      'revoke create on schema public from public',
      ...(Object.keys(runtimeRoles) as RuntimeRole[]).flatMap((role) =>
        roleStatements(role, passwords[role], existing.has(runtimeRoles[role])),
      ),
      ...sequenceStatements(sequences),
      ...Object.entries(tenantColumns).flatMap(([table, column]) => policyStatements(table, column)),
      ...partitions.flatMap(({ name }) => partitionStatements(name)),
    ];
    for (const statement of statements) await client.query(statement);
    const { rows } = await client.query<{ rolname: string }>(withPowers, [Object.values(runtimeRoles)]);
    if (rows[0]) throw new Error(`role ${rows[0].rolname} has powers beyond its grants (superuser, bypassrls ...); take them away first`);
    await client.query('commit');
  } finally {
    await client.end();
  }
  return {
    consoleUrl: urlFor(ownerUrl, runtimeRoles.console, passwords.console),
    engineUrl: urlFor(ownerUrl, runtimeRoles.engine, passwords.engine),
    auditUrl: urlFor(ownerUrl, runtimeRoles.audit, passwords.audit),
  };
}
