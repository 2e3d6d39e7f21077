'use client';
// What every page stands on: the theme, the URL's state, and one cache of answers per tab.
import { QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { useState, type ReactNode } from 'react';
import { makeQueryClient, makeTrpcClient, TRPCProvider } from './trpc/client.ts';

declare global {
  interface Window {
    /** Read by the library that locks scrolling behind dialogs, for the style element it adds. */
    __webpack_nonce__?: string;
  }
}

export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeTrpcClient);
  // A browser hides `nonce` attributes from scripts and React has it only while rendering on the server: keep what was rendered.
  if (typeof window !== 'undefined') window.__webpack_nonce__ ??= nonce;
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem nonce={nonce}>
      <NuqsAdapter>
        <QueryClientProvider client={queryClient}>
          <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
            {children}
          </TRPCProvider>
        </QueryClientProvider>
      </NuqsAdapter>
    </ThemeProvider>
  );
}
