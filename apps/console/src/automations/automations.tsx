'use client';
// Rules by which Sluice acts by itself: what goes on by them now, and the rules in plain words.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { actionText, automationWhereText, lengthText, perTexts, triggerText } from '@sluice/contract';
import type { AutomationView } from '@sluice/contract/api';
import { useNamed } from '@/entities/entities.ts';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { SelectField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { ActiveActions } from './active-actions.tsx';
import { modeWords, RuleFields } from './rule-fields.tsx';
import { ruleOf } from './rule-form.ts';

const pollMs = 15_000;
const modes: Record<AutomationView['mode'], { tone: Tone; word: string }> = {
  on: { tone: 'good', word: 'On' },
  dry_run: { tone: 'info', word: 'Dry run' },
  off: { tone: 'quiet', word: 'Off' },
};

function CreateRule() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New rule"
      triggerLook="primary"
      title="New rule"
      touches="A dry run only says what the rule would do. Several rules may act at once: the strictest holds."
      confirm="Make the rule"
      run={async (form, reason) => {
        const { revision } = await client.automations.create.mutate({ ...ruleOf(form), reason });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <RuleFields rule={null} />
    </ActionDialog>
  );
}

function EditRule({ rule }: { rule: AutomationView }) {
  const client = useTRPCClient();
  const ofPreset = rule.preset !== null && !rule.edited ? ' From then on no newer version of its preset changes it.' : '';
  return (
    <ActionDialog
      trigger="Edit"
      triggerLabel={`Edit ${rule.name}`}
      title={rule.name}
      touches={`What it began goes on under the new words; if it does something else now, that ends.${ofPreset}`}
      confirm="Save rule"
      run={async (form, reason) => {
        const { revision } = await client.automations.update.mutate({ id: rule.id, ...ruleOf(form), reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <RuleFields rule={rule} />
    </ActionDialog>
  );
}

function SetMode({ rule }: { rule: AutomationView }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Mode"
      triggerLabel={`Mode of ${rule.name}`}
      title={`Mode of ${rule.name}`}
      touches="Off and dry run end what the rule holds now. It still follows its preset."
      confirm="Set the mode"
      run={async (form, reason) => {
        const mode = textOf(form, 'mode') as AutomationView['mode'];
        const { revision } = await client.automations.setMode.mutate({ id: rule.id, mode, reason });
        return { done: `Set with revision ${revision}.` };
      }}
    >
      <SelectField label="Mode" name="mode" defaultValue={rule.mode}>
        {Object.entries(modeWords).map(([mode, word]) => (
          <option key={mode} value={mode}>
            {word}
          </option>
        ))}
      </SelectField>
    </ActionDialog>
  );
}

/** One of a preset is put back to it, one of an operator's own is deleted. */
function TakeBack({ rule }: { rule: AutomationView }) {
  const client = useTRPCClient();
  if (rule.preset !== null && !rule.edited) return null;
  const ofPreset = rule.preset !== null;
  return (
    <ActionDialog
      trigger={ofPreset ? 'Reset' : 'Delete'}
      triggerLabel={`${ofPreset ? 'Reset' : 'Delete'} ${rule.name}`}
      title={ofPreset ? `Put ${rule.name} back to its preset` : `Delete ${rule.name}`}
      touches={ofPreset ? 'What was edited is lost. Its mode stays.' : 'What it holds now ends, and goes on at the full rate.'}
      confirm={ofPreset ? 'Put it back' : 'Delete the rule'}
      danger
      run={async (_form, reason) => {
        const change = ofPreset ? client.automations.toPreset : client.automations.delete;
        const { revision } = await change.mutate({ id: rule.id, reason });
        return { done: `Done with revision ${revision}.` };
      }}
    />
  );
}

function RuleRow({ rule, canChange, poolName }: { rule: AutomationView; canChange: boolean; poolName: (id: string) => string | null }) {
  const { tone, word } = modes[rule.mode];
  const where = automationWhereText(rule, rule.whereNames);
  const { action } = rule;
  return (
    <Row className="align-top">
      <Name className="min-w-56 align-top">
        {rule.name}
        {rule.meaning !== null && <div className="mt-1 text-xs font-normal text-muted">{rule.meaning}</div>}
      </Name>
      <Cell className="align-top">
        <Status tone={tone}>{word}</Status>
      </Cell>
      <Cell className="min-w-64 align-top">
        <p>When {triggerText(rule.trigger)}</p>
        <p className="text-xs text-muted">
          for {perTexts[rule.per]}
          {where === '' ? '' : `; only ${where}`}
        </p>
      </Cell>
      <Cell className="min-w-56 align-top">
        <p>{actionText(action, action.kind === 'move' ? poolName(action.poolId) : null)}</p>
        <p className="text-xs text-muted">
          until {lengthText(rule.forSeconds)} without a hit{rule.alert ? '; shown on the Overview' : ''}
        </p>
      </Cell>
      <Cell className="align-top whitespace-nowrap">{rule.preset === null ? 'Own' : rule.edited ? 'Preset, edited' : 'Preset'}</Cell>
      {canChange && (
        <Cell className="space-x-2 text-right align-top whitespace-nowrap">
          <SetMode rule={rule} />
          <EditRule rule={rule} />
          <TakeBack rule={rule} />
        </Cell>
      )}
    </Row>
  );
}

export function Automations() {
  const trpc = useTRPC();
  const canChange = useMay('automations.create');
  const canAct = useMay('automations.act');
  const rules = useQuery(trpc.automations.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const poolIds = (rules.data ?? []).flatMap(({ action }) => (action.kind === 'move' ? action.poolId : []));
  const pools = useNamed('pool', poolIds);
  const poolName = (id: string): string | null => pools.get(id)?.name ?? null;
  return (
    <>
      <PageHead title="Automation" asks={['automations.create', 'automations.act']} actions={canChange && <CreateRule />}>
        What Sluice does by itself when providers defer, refuse or complain. Each act is a sentence under{' '}
        <Link href="/decisions?show=automation" prefetch={false} className="text-accent-strong underline">
          Decisions
        </Link>
        .
      </PageHead>
      <ActiveActions canChange={canAct} />
      <Card title="Rules" hint={<Updated query={rules} />} flush>
        <Loaded query={rules} rows={6}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="No rules">Nothing is done by itself. The presets come back with the next start.</NothingYet>
            ) : (
              <Table label="Rules" head={['Rule', 'Mode', 'When', 'Does', 'Made by']} actions={canChange}>
                {list.map((rule) => (
                  <RuleRow key={rule.id} rule={rule} canChange={canChange} poolName={poolName} />
                ))}
              </Table>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
