// A titled region of a page. The title is a heading, so that screen readers can walk the page by it.
import { useId, type ReactNode } from 'react';
import { classes } from './classes.ts';

type CardProps = { title: string; hint?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; flush?: boolean };

export function Card({ title, hint, actions, children, className, flush = false }: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes('min-w-0 rounded-lg border border-border bg-surface', className)}>
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-border px-4 py-1.5">
        <h2 id={id} className="text-sm font-semibold">
          {title}
        </h2>
        {hint && <div className="text-xs text-muted">{hint}</div>}
        {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}

/** One figure with its name. */
export function Tile({ label, value, note, children }: { label: string; value: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <div className="min-w-0 rounded-lg border border-border bg-surface px-4 py-3">
      <dt className="truncate text-xs text-muted">{label}</dt>
      <dd>
        <div className="mt-0.5 text-2xl leading-tight font-semibold">{value}</div>
        {note && <div className="mt-0.5 text-xs text-muted">{note}</div>}
        {children}
      </dd>
    </div>
  );
}
