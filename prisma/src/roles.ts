// Which run-time role may do what on which table, as data. Whatever is not listed is refused: there are no default grants.

export const runtimeRoles = { console: 'sluice_console', engine: 'sluice_engine', audit: 'sluice_audit' } as const;
export type RuntimeRole = keyof typeof runtimeRoles;

type Privilege = 'select' | 'insert' | 'update' | 'delete';
const read: readonly Privilege[] = ['select'];
const append: readonly Privilege[] = ['select', 'insert'];
const put: readonly Privilege[] = ['select', 'insert', 'update'];
const all: readonly Privilege[] = ['select', 'insert', 'update', 'delete'];

/** Operator accounts and current state are the console's alone; feeds and reports are shared; nobody rewrites history. */
export const grants: Record<RuntimeRole, Record<string, readonly Privilege[]>> = {
  console: {
    user: all,
    session: all,
    account: all,
    verification: all,
    sign_in_attempt: all,
    setup_link: all,
    second_factor: all,
    recovery_code: all,
    invitation: all,
    account_policy: ['select', 'update'],
    api_key: put,
    idempotent_call: all,
    installation: append,
    tenant: all,
    stream: all,
    stream_pool: all,
    sending_domain: all,
    dkim_key: all,
    credential: all,
    relay: all,
    egress_source: all,
    ip_pool: all,
    ip_pool_member: all,
    provider: all,
    limit_rule: all,
    automation_rule: all,
    warm_up_plan: all,
    setting_rule: all,
    route: all,
    config_head: ['select', 'update'],
    config_revision: append,
    config_entity: append,
    config_lock: all,
    config_draft: all,
    config_look: put,
    secret: put,
    engine_command: append,
    engine_question: ['select', 'insert', 'delete'],
    engine_command_result: read,
    protocol_trace: put,
    protocol_trace_report: read,
    protocol_trace_line: read,
    decision: read,
    node: read,
    metrics_frame: read,
    delivery_event: read,
    event_position: read,
    event_refused: read,
    rollup_minute: read,
    audit_entry: append,
  },
  engine: {
    installation: read,
    config_head: read,
    config_revision: read,
    config_entity: read,
    secret: read,
    engine_command: read,
    engine_question: ['select', 'update'],
    engine_command_result: put,
    protocol_trace: ['select', 'delete'],
    protocol_trace_report: put,
    protocol_trace_line: append,
    decision: ['select', 'insert', 'delete'],
    node: put,
    metrics_frame: put,
    delivery_event: ['insert'],
    event_position: put,
    event_refused: ['insert'],
    rollup_minute: put,
  },
  audit: {
    audit_entry: read,
    config_revision: read,
    config_entity: read,
    tenant: read,
  },
};

export const functionGrants: Record<RuntimeRole, readonly string[]> = {
  console: ['sluice_event_partitions_ensure(integer)', 'sluice_event_partitions_drop(integer)'],
  engine: ['sluice_event_partitions_ensure(integer)'],
  audit: [],
};

/** Tables whose rows belong to a tenant, and the column that says to which. */
export const tenantColumns: Record<string, string> = {
  tenant: 'id',
  user: 'tenant_id',
  invitation: 'tenant_id',
  api_key: 'tenant_id',
  stream: 'tenant_id',
  stream_pool: 'tenant_id',
  sending_domain: 'tenant_id',
  dkim_key: 'tenant_id',
  credential: 'tenant_id',
  relay: 'tenant_id',
  config_entity: 'tenant_id',
  engine_command: 'tenant_id',
  engine_question: 'tenant_id',
  protocol_trace: 'tenant_id',
  protocol_trace_report: 'tenant_id',
  protocol_trace_line: 'tenant_id',
  decision: 'tenant_id',
  delivery_event: 'tenant_id',
  event_refused: 'tenant_id',
  rollup_minute: 'tenant_id',
  audit_entry: 'tenant_id',
};
