'use client';
// Who is signed in, for everything below the shell. Pages only hide what a role may not do; the server refuses it regardless.
import { createContext, useContext, type ReactNode } from 'react';
import type { inferRouterOutputs } from '@trpc/server';
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

/** Whether whoever is signed in may call the procedure, by its path. */
export const useMay = (path: string): boolean => useMe().may.includes(path);

/** May this operator change the configuration of the whole installation? */
export const useCanChange = (): boolean => useMay('pools.create');

/** May this operator change what belongs to its tenant? */
export const useCanChangeTenant = (): boolean => useMay('credentials.create');

/** Sees every tenant. */
export const useSeesAll = (): boolean => useMe().actor.tenantId === null;
