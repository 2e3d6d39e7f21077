'use client';
// Who is signed in, for everything below the shell. Pages only hide what a role may not do; the server refuses it regardless.
import { createContext, useContext, type ReactNode } from 'react';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@sluice/control/router';

export type Me = inferRouterOutputs<AppRouter>['session']['me'];
const MeContext = createContext<Me | null>(null);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe is used outside MeProvider');
  return me;
}

type Router = inferRouterInputs<AppRouter>;
/** `noun.verb` of every procedure: a misspelt one does not compile. */
export type ProcedurePath = { [Noun in Extract<keyof Router, string>]: `${Noun}.${Extract<keyof Router[Noun], string>}` }[Extract<
  keyof Router,
  string
>];

/** Whether whoever is signed in may call the procedure. */
export const useMay = (path: ProcedurePath): boolean => useMe().may.includes(path);

/** Sees every tenant. */
export const useSeesAll = (): boolean => useMe().actor.tenantId === null;
