'use client';
// Sections that are managed elsewhere: here they are read only, but for texts that are applied under the name of the lock.
import { configSections } from '@sluice/contract';
import { configSection } from '@sluice/contract/api';
import { useQuery } from '@tanstack/react-query';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';

/** `warmUps` is "warm ups" on the screen. */
const words = (section: string): string => section.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function Lock() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Lock a section"
      triggerLook="primary"
      title="Lock a section"
      touches="Nobody edits it here any more. Only texts that are applied under the name below change it."
      confirm="Lock the section"
      run={async (form, reason) => {
        const section = configSection.parse(textOf(form, 'section'));
        await client.config.lock.mutate({ section, name: textOf(form, 'name'), reason });
        return { done: `The section ${words(section)} is managed elsewhere now.` };
      }}
    >
      <SelectField label="Section" name="section" required>
        {configSections.map((section) => (
          <option key={section} value={section}>
            {words(section)}
          </option>
        ))}
      </SelectField>
      <TextField label="Managed by" name="name" required maxLength={80} placeholder="git: mail-config" />
    </ActionDialog>
  );
}

function Unlock({ section, name }: { section: string; name: string }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Unlock"
      triggerLabel={`Unlock ${words(section)}`}
      title={`Unlock ${words(section)}`}
      touches={`It can be edited here again. The next text that ${name} applies may overwrite that.`}
      confirm="Unlock the section"
      danger
      run={async (_form, reason) => {
        await client.config.unlock.mutate({ section: configSection.parse(section), reason });
        return { done: 'It can be edited here again.' };
      }}
    />
  );
}

export function Locks() {
  const trpc = useTRPC();
  const canChange = useMay('config.lock');
  const query = useQuery(trpc.config.locks.queryOptions(undefined, { refetchInterval: 15_000 }));
  return (
    <Card title="Managed elsewhere" actions={canChange && <Lock />} flush>
      <Loaded query={query} rows={2}>
        {(locks) =>
          locks.length === 0 ? (
            <NothingYet title="No section is locked">Every section can be edited here by who may.</NothingYet>
          ) : (
            <Table label="Managed elsewhere" head={['Section', 'Managed by', 'Locked by', 'Since (UTC)', 'Reason']} actions={canChange}>
              {locks.map(({ section, name, lockedBy, lockedAt, reason }) => (
                <Row key={section}>
                  <Name>{words(section)}</Name>
                  <Cell>{name}</Cell>
                  <Cell>{lockedBy}</Cell>
                  <Cell className="whitespace-nowrap">{stampUtc(lockedAt)}</Cell>
                  <Cell>{reason}</Cell>
                  {canChange && (
                    <Cell className="text-right">
                      <Unlock section={section} name={name} />
                    </Cell>
                  )}
                </Row>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
