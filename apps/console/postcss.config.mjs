// Tailwind turns the classes that pages use into one style sheet at build time.
export default { plugins: { '@tailwindcss/postcss': {} } };
