// Every page in this folder is for signed-in operators; the front door lets nobody else reach it.
import type { ReactNode } from 'react';
import { Shell } from '@/shell/shell.tsx';

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return <Shell>{children}</Shell>;
}
