'use client';
// Delivery settings: for every setting one value wins, that of the most specific rule. The rules, and which value holds for what.
import { settingKeys, writeSetting } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { EffectiveSettings } from './effective.tsx';
import { CreateRule, DeleteRule, EditRule } from './rule-dialogs.tsx';
import { settingLabel } from './setting-groups.ts';
import type { SettingRule } from './types.ts';

const pollMs = 15_000;

/** `provider gmail and stream bulk` */
function matchOf({ where, whereNames }: SettingRule): string {
  const parts = Object.entries(where).map(
    ([dimension, value]) => `${dimension} ${Object.entries(whereNames).find(([of]) => of === dimension)?.[1] ?? value}`,
  );
  return parts.length === 0 ? 'all mail' : parts.join(' and ');
}

function Given({ rule }: { rule: SettingRule }) {
  const values: { readonly [key: string]: unknown } = rule.values;
  return (
    <ul className="space-y-0.5">
      {settingKeys
        .filter((key) => values[key] !== undefined)
        .map((key) => (
          <li key={key}>
            {settingLabel(key)} <Mono>{writeSetting(key, values[key])}</Mono>
          </li>
        ))}
      {rule.hasAuthPassword && <li>AUTH password is set</li>}
      {rule.hasClientCertificate && <li>Client certificate is set</li>}
    </ul>
  );
}

function Rules({ list, canChange }: { list: readonly SettingRule[]; canChange: boolean }) {
  if (list.length === 0) return <NothingYet title="No rules yet">Every queue and session follows the defaults below.</NothingYet>;
  return (
    <Table label="Rules" head={['Rule', 'State', 'For mail of', 'Values']} actions={canChange}>
      {list.map((rule) => (
        <Row key={rule.id}>
          <Name>{rule.name}</Name>
          <Cell>{rule.enabled ? <Status tone="good">Enabled</Status> : <Status tone="quiet">Disabled</Status>}</Cell>
          <Cell>{matchOf(rule)}</Cell>
          <Cell>
            <Given rule={rule} />
          </Cell>
          {canChange && (
            <Cell className="space-x-2 text-right whitespace-nowrap">
              <EditRule rule={rule} />
              <DeleteRule rule={rule} />
            </Cell>
          )}
        </Row>
      ))}
    </Table>
  );
}

export function DeliverySettings() {
  const trpc = useTRPC();
  const rules = useQuery(trpc.settings.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const canChange = useMay('settings.create');
  return (
    <>
      <PageHead title="Delivery settings" asks={['settings.create']} actions={canChange && <CreateRule />}>
        What each queue and session is told. For every setting the most specific rule that matches wins.
      </PageHead>
      <Card title="Rules" hint={<Updated query={rules} />} flush>
        <Loaded query={rules}>{(list) => <Rules list={list} canChange={canChange} />}</Loaded>
      </Card>
      <EffectiveSettings />
    </>
  );
}
