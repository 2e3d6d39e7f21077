// How Node runs the process of an engine.

/**
 * A message passes through several hundred small functions: more of them are compiled into each other than by default. And what they make is
 * made in the young generation, whatever became of the objects before: V8 would make it in the old one where most lived for long once, and there
 * it keeps alive all that it points to. Measured: ADR 0010 and 0031.
 */
export const compilerFlags = [
  ...['--max-inlined-bytecode-size=2000', '--max-inlined-bytecode-size-cumulative=4000'],
  '--no-allocation-site-pretenuring',
];

/**
 * The helper threads of the collector cost more than they take off the engine's thread, but for those that sweep the old generation behind a
 * full collection: what is unswept when the next begins is swept then and there, in one long pause. The old generation is collected when it
 * has grown by three tenths, a small one later (host/heap-growth.ts): left alone it grows to several times what is alive. While it is being
 * marked, which takes long on one thread, the young one is collected as ever: else it grows until then, and all of it is moved in one long
 * pause. Young collections are also asked for (outside-heap.ts). Measured: ADR 0010.
 */
export const engineNodeFlags = [
  ...['--no-concurrent-marking', '--no-parallel-marking', '--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping'],
  ...['--no-parallel-compaction', '--no-parallel-pointer-update'],
  ...['--max-semi-space-size=16', '--heap-growing-percent=30', '--no-separate-gc-phases', '--expose-gc'],
  ...compilerFlags,
];
