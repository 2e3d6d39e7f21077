// The frame of the two pages outside the shell.
import type { ReactNode } from 'react';

export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm rounded-lg border border-border bg-surface p-6">
        <p className="mb-4 flex items-center gap-2 font-semibold">
          <img src="/icon.svg" alt="" width={24} height={24} />
          Sluice
        </p>
        <h1 className="mb-4 text-lg font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}

export function Problem({ children }: { children: string }) {
  return (
    <p role="alert" className="rounded-md bg-bad-soft p-3 text-sm text-bad-text">
      {children}
    </p>
  );
}
