'use client';
// What else holds for a piece of mail besides its settings: the static route that leads it, and the limits that bind it.
import { applicationOf, sizeOf } from '@/egress/limit-words.ts';
import { mannerOf } from '@/egress/route-words.ts';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import type { Effective } from './types.ts';

type Limit = Effective['limits'][number];

export function EffectiveRoute({ route }: { route: Effective['route'] }) {
  if (route === null) return null;
  const hosts = [route, ...route.alternatives].map(({ host, port }) => `${host}:${port}`);
  return (
    <p className="px-4 pb-3 text-sm">
      Led by the static route of <Mono>{route.domain}</Mono> to <Mono>{hosts.join(', ')}</Mono>{' '}
      <span className="text-muted">({mannerOf(route)})</span>
    </p>
  );
}

/** What the limit names, in the operators' words. */
function named({ where, whereNames }: Limit): Limit['where'] {
  return { ...where, ...whereNames };
}

function whenOf(limit: Limit): string {
  const where = named(limit);
  return limit.open.length === 0 ? 'always' : `if ${limit.open.map((dimension) => `${dimension} is ${where[dimension]}`).join(' and ')}`;
}

export function EffectiveLimits({ limits }: { limits: Effective['limits'] }) {
  if (limits.length === 0) return <p className="border-t border-border px-4 py-3 text-sm text-muted">No limit matches.</p>;
  return (
    <>
      <p className="border-t border-border px-4 pt-4 pb-2 text-sm">
        <span className="font-medium">Limits that match.</span> <span className="text-muted">All of them apply at once.</span>
      </p>
      <Table label="Limits that match" head={['Limit', 'Allows', 'Counts', 'Binds']}>
        {limits.map((limit) => (
          <Row key={limit.id}>
            <Name>{limit.name}</Name>
            <Cell className="whitespace-nowrap">{sizeOf(limit)}</Cell>
            <Cell>{applicationOf({ where: named(limit), by: limit.by })}</Cell>
            <Cell className={limit.open.length > 0 ? 'text-muted' : ''}>{whenOf(limit)}</Cell>
          </Row>
        ))}
      </Table>
    </>
  );
}
