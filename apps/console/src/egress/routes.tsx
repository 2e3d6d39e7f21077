'use client';
// Static routes: mail for these domains goes to a named host and port instead of the domain's MX.
import { tlsModes } from '@sluice/contract';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, SelectField, TextField } from '@/ui/field.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { mannerOf, tlsWords } from './route-words.ts';
import type { Route } from './types.ts';

const pollMs = 15_000;

/** `mx2.example.com 25 10` on each line: host, port, preference. */
function alternativesOf(text: string): Route['alternatives'] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const [host = '', port = '25', preference = '10'] = line.toLowerCase().split(/\s+/);
    return { host, port: Number(port), preference: Number(preference) };
  });
}

function routeOf(form: FormData) {
  const password = form.get('authPassword');
  const username = textOf(form, 'authUsername');
  const tls = textOf(form, 'tls');
  return {
    domain: textOf(form, 'domain').toLowerCase(),
    host: textOf(form, 'host').toLowerCase(),
    port: numberOf(form, 'port'),
    preference: numberOf(form, 'preference'),
    alternatives: alternativesOf(textOf(form, 'alternatives')),
    protocol: textOf(form, 'protocol') === 'lmtp' ? ('lmtp' as const) : ('smtp' as const),
    tls: tlsModes.find((mode) => mode === tls) ?? null,
    authUsername: username === '' ? null : username,
    treatAsSecure: form.get('treatAsSecure') !== null,
    ...(username === '' && { authPassword: null }),
    ...(typeof password === 'string' && password !== '' && { authPassword: password }),
  };
}

function RouteFields({ route }: { route: Route | null }) {
  const alternatives = route?.alternatives.map(({ host, port, preference }) => `${host} ${port} ${preference}`).join('\n');
  return (
    <>
      <TextField
        label="Domain"
        name="domain"
        required
        defaultValue={route?.domain}
        placeholder="example.com"
        hint=".example.com is every domain below it, * is all mail. The longest match wins."
      />
      <div className="grid gap-3 sm:grid-cols-[1fr_6rem_7rem]">
        <TextField label="Host" name="host" required defaultValue={route?.host} placeholder="mail.example.com or 192.0.2.10" />
        <TextField label="Port" name="port" type="number" min={1} max={65_535} required defaultValue={route?.port ?? 25} />
        <TextField label="Preference" name="preference" type="number" min={0} max={65_535} required defaultValue={route?.preference ?? 0} />
      </div>
      <Field label="Further hosts" hint="One a line: host, port, preference. The lowest preference is tried first.">
        {(ids) => (
          <textarea name="alternatives" rows={2} defaultValue={alternatives} className={classes(inputLook, 'h-auto py-1.5')} {...ids} />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="Protocol" name="protocol" defaultValue={route?.protocol ?? 'smtp'}>
          <option value="smtp">SMTP</option>
          <option value="lmtp">LMTP</option>
        </SelectField>
        <SelectField label="TLS" name="tls" defaultValue={route?.tls ?? ''}>
          <option value="">as the delivery settings say</option>
          {tlsModes.map((mode) => (
            <option key={mode} value={mode}>
              {tlsWords[mode]}
            </option>
          ))}
        </SelectField>
        <TextField label="AUTH user name" name="authUsername" maxLength={255} defaultValue={route?.authUsername ?? ''} />
        <TextField
          label="AUTH password"
          name="authPassword"
          type="password"
          autoComplete="new-password"
          maxLength={1024}
          hint={route?.hasAuthPassword ? 'One is stored; leave empty to keep it.' : undefined}
        />
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="treatAsSecure" defaultChecked={route?.treatAsSecure ?? false} className="size-4 accent-accent" />
        Treat the host names as secure when TLS is judged
      </label>
    </>
  );
}

function CreateRoute() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New route"
      triggerLook="primary"
      title="New route"
      touches="Mail that matches goes to these hosts from its next attempt on; MX records are no longer asked."
      confirm="Make the route"
      run={async (form, reason) => {
        const { revision } = await client.routes.create.mutate({ ...routeOf(form), reason });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <RouteFields route={null} />
    </ActionDialog>
  );
}

function EditRoute({ route }: { route: Route }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Edit"
      triggerLabel={`Edit the route of ${route.domain}`}
      title={`Route of ${route.domain}`}
      touches="Mail that matches goes the new way from its next attempt on; open connections finish what they carry."
      confirm="Save route"
      run={async (form, reason) => {
        const { revision } = await client.routes.update.mutate({ id: route.id, ...routeOf(form), reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <RouteFields route={route} />
    </ActionDialog>
  );
}

function DeleteRoute({ route }: { route: Route }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      triggerLabel={`Delete the route of ${route.domain}`}
      danger
      title={`Delete the route of ${route.domain}`}
      touches="Mail for the domain goes to its MX from its next attempt on."
      confirm="Delete the route"
      run={async (_form, reason) => {
        const { revision } = await client.routes.delete.mutate({ id: route.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}

export function Routes() {
  const client = useTRPCClient();
  const routes = useListParts({
    key: ['routes.list'],
    fetchPart: (part, signal) => client.routes.list.query(part, { signal }),
    keyOf: ({ domain }) => domain,
    pollMs,
  });
  const canChange = useMay('routes.create');
  const head = ['Domain', 'Goes to', 'How'];
  return (
    <>
      <PageHead title="Routes" asks={['routes.create']} actions={canChange && <CreateRoute />}>
        Mail that goes to named hosts instead of the MX of its domain.
      </PageHead>
      <Card title="Static routes" hint={<Updated query={routes.query} />} flush>
        <SearchedList
          parts={routes}
          label="Find a route"
          nothing={
            <NothingYet title="No static routes">Mail goes to the MX of each domain, which is what most installations want.</NothingYet>
          }
        >
          {(list) => (
            <Table label="Static routes" head={head} actions={canChange}>
              {list.map((route) => (
                <Row key={route.id}>
                  <Name>
                    <Mono>{route.domain}</Mono>
                  </Name>
                  <Cell>
                    {[route, ...route.alternatives].map(({ host, port, preference }) => (
                      <div key={`${host} ${port}`}>
                        <Mono>{`${host}:${port}`}</Mono>
                        {route.alternatives.length > 0 && <span className="text-muted"> preference {preference}</span>}
                      </div>
                    ))}
                  </Cell>
                  <Cell>{mannerOf(route)}</Cell>
                  {canChange && (
                    <Cell className="space-x-2 text-right whitespace-nowrap">
                      <EditRoute route={route} />
                      <DeleteRoute route={route} />
                    </Cell>
                  )}
                </Row>
              ))}
            </Table>
          )}
        </SearchedList>
      </Card>
    </>
  );
}
