'use client';
// What the charts have in common: how axes look, and the box beside the pointer.
import type { ReactNode } from 'react';

export const axis = { stroke: 'var(--muted)', fontSize: 11, tickLine: false } as const;

/** What recharts hands to the content of a tooltip, of points of type `P`. */
export type Hovered<P> = { active?: boolean; payload?: readonly { payload?: P }[] };

/** The point under the pointer; undefined when there is none. */
export const pointOf = <P,>({ active, payload }: Hovered<P>): P | undefined => (active ? payload?.[0]?.payload : undefined);

export function HintBox({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-md border border-border bg-surface px-3 py-2 text-xs shadow-lg">
      <p className="mb-1 font-medium">{title}</p>
      {children}
    </div>
  );
}
