'use client';
// What each role is for, what it may do in each area, and what every single call asks: from the declarations by which the server decides.
import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import { roleName, roles, roleTable, type Role } from '@sluice/contract/api';
import { PageHead } from '@/shell/shell.tsx';
import { useMe } from '@/session/me.tsx';
import { atLeast } from '@/session/why-not.ts';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { SelectField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { areaName, areasOf, verbWords, type Area } from './role-matrix.ts';

function RolesInWords({ own }: { own: Role }) {
  return (
    <Table label="Roles" head={['Role', 'For', 'What it adds to those below', 'What it may not']}>
      {roles.map((role) => {
        const { name, for: who, adds, not } = roleTable[role];
        return (
          <Row key={role}>
            <Name className="whitespace-nowrap">
              {name}
              {role === own && <p className="text-xs font-normal text-muted">yours</p>}
            </Name>
            <Cell className="min-w-44">{who}</Cell>
            <Cell className="min-w-72">{adds}</Cell>
            <Cell className="min-w-44">{not}</Cell>
          </Row>
        );
      })}
    </Table>
  );
}

function Matrix({ areas }: { areas: readonly Area[] }) {
  return (
    <Table label="Areas and roles" head={['Area', ...roles.map(roleName)]}>
      {areas.map(({ area, may }) => (
        <Row key={area}>
          <Name className="whitespace-nowrap">{areaName(area)}</Name>
          {roles.map((role) => (
            <Cell key={role} className="text-xs">
              {may[role] === '' ? <span className="text-muted">nothing</span> : may[role]}
            </Cell>
          ))}
        </Row>
      ))}
    </Table>
  );
}

function Calls({ area }: { area: Area }) {
  return (
    <Table
      label={`Calls of ${areaName(area.area)}`}
      head={['Call', 'What it does', 'Who may', 'Bound to a tenant', 'Asks again who you are']}
    >
      {area.procedures.map(({ path, verb, role, bound, stepUp }) => (
        <Row key={path}>
          <Name className="font-normal">
            <Mono>{path}</Mono>
          </Name>
          <Cell>{verbWords[verb]}</Cell>
          <Cell>{role === null ? 'anyone' : atLeast(role)}</Cell>
          <Cell>{bound ? 'yes, within the tenant' : 'no'}</Cell>
          <Cell>{stepUp ? 'yes' : 'no'}</Cell>
        </Row>
      ))}
    </Table>
  );
}

export function Roles() {
  const trpc = useTRPC();
  const { actor } = useMe();
  const asked = useQuery(trpc.roles.list.queryOptions(undefined, { staleTime: Infinity }));
  const [wanted, setWanted] = useQueryState('area', parseAsString.withDefault(''));
  return (
    <>
      <PageHead title="Roles">
        A higher role may all that a lower one may. Someone bound to a tenant meets that tenant’s things alone. Whole addresses of
        recipients are a grant of its own; you {actor.personalData ? 'have' : 'do not have'} it.
      </PageHead>
      <Card title="What each role is for" flush>
        <RolesInWords own={actor.role} />
      </Card>
      <Loaded query={asked} rows={12}>
        {({ procedures }) => {
          const areas = areasOf(procedures);
          const area = areas.find((one) => one.area === wanted) ?? areas[0];
          return (
            <>
              <Card
                title="By area"
                hint="Reading changes nothing; acting ends by itself or is taken back; changing is configuration."
                flush
              >
                <Matrix areas={areas} />
              </Card>
              <Card title="Every call" flush>
                <div className="max-w-72 px-4 pb-3">
                  <SelectField label="Area" value={area?.area ?? ''} onChange={(event) => void setWanted(event.target.value)}>
                    {areas.map((one) => (
                      <option key={one.area} value={one.area}>
                        {areaName(one.area)}
                      </option>
                    ))}
                  </SelectField>
                </div>
                {area && <Calls area={area} />}
              </Card>
            </>
          );
        }}
      </Loaded>
    </>
  );
}
