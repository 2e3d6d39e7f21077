// npm run bench: the way in that run.mjs knows; the bench itself is a package of its own.
import '@sluice/bench/main';
