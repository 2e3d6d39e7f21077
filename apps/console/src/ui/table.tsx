// Tables. The frame scrolls sideways on narrow screens and can be reached and scrolled by keyboard.
import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';

export function Table({
  label,
  head,
  actions = false,
  children,
  className,
}: {
  label: string;
  head: readonly ReactNode[];
  /** The last cell of each row holds what can be done with it; that column is named for screen readers only. */
  actions?: boolean;
  children: ReactNode;
  className?: string;
}) {
  return (
    <div role="group" aria-label={label} tabIndex={0} className={classes('overflow-x-auto', className)}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-b border-border text-left text-xs text-muted">
            {head.map((cell, index) => (
              <th key={index} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                {cell}
              </th>
            ))}
            {actions && (
              <th scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-border">{children}</tbody>
      </table>
    </div>
  );
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={classes('hover:bg-sunken/60', className)} {...rest} />;
}

/** First cell of a row: what the row is about. */
export function Name({ className, ...rest }: ComponentProps<'th'>) {
  return <th scope="row" className={classes('px-4 py-2 text-left align-middle font-medium', className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<'td'>) {
  return <td className={classes('px-4 py-2 align-middle', className)} {...rest} />;
}

/** An address or host in a row: on one line, cut when it is very long; the title has the whole. */
export function Address({ children }: { children: string }) {
  return (
    <span title={children} className="inline-block max-w-80 truncate align-bottom font-mono text-[0.8125rem]">
      {children}
    </span>
  );
}

/** Addresses, ids and hosts: monospaced and breakable. */
export function Mono({ children, className }: { children: ReactNode; className?: string }) {
  return <span className={classes('font-mono text-[0.8125rem] break-all', className)}>{children}</span>;
}
