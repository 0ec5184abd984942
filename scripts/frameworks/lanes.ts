/** The frameworks of the recipes in docs/frameworks.md. */
import { chooseLanes } from '../runtimes/choose.ts';
import { runJest } from './jest.ts';
import { runMetro } from './metro.ts';
import { runNext } from './next.ts';
import { runBundler, runVite } from './pages.ts';
import type { Project, Recipe } from './project.ts';
import { runExpress, runFastify, runHonoNode, runNest } from './servers.ts';
import { runSvelteKit } from './sveltekit.ts';
import { runWorkers } from './workers.ts';

/** One framework. */
export interface Lane extends Recipe {
  /** Packages whose versions the page and the summary show. */
  readonly told: readonly string[];
  readonly run: (project: Project) => Promise<void>;
}

const typescript = { typescript: '5.9.3', '@types/node': '20.19.43' } as const;
const react = {
  react: '19.2.9',
  'react-dom': '19.2.9',
  '@types/react': '19.3.3',
  '@types/react-dom': '19.3.0',
} as const;
const query = { '@tanstack/react-query': '5.108.4' } as const;
const vite = { vite: '7.3.8' } as const;
const hono = { hono: '4.13.19' } as const;

/** In the order in which they run. */
export const lanes: readonly Lane[] = [
  {
    name: 'next-15',
    section: 'Next.js',
    fixture: 'next',
    told: ['next', 'react', '@tanstack/react-query'],
    packages: { next: '15.5.29', ...react, ...query, ...typescript },
    run: (project) => runNext(project, { moduleResolution: 'node', end: 0 }),
  },
  {
    name: 'next-16',
    section: 'Next.js',
    fixture: 'next',
    told: ['next', 'react', '@tanstack/react-query'],
    packages: { next: '16.4.6', ...react, ...query, ...typescript },
    run: (project) => runNext(project, { moduleResolution: 'bundler', end: 143 }),
  },
  {
    name: 'vite-react',
    section: 'Vite and React',
    fixture: 'vite-react',
    told: ['vite', 'react', '@tanstack/react-query'],
    packages: { ...vite, '@vitejs/plugin-react': '5.2.0', ...react, ...query, ...typescript },
    run: runVite,
  },
  {
    name: 'sveltekit',
    section: 'SvelteKit',
    fixture: 'sveltekit',
    told: ['@sveltejs/kit', 'svelte'],
    packages: {
      '@sveltejs/kit': '2.70.4',
      svelte: '5.57.3',
      '@sveltejs/vite-plugin-svelte': '6.2.4',
      '@sveltejs/adapter-node': '5.5.7',
      'svelte-check': '4.7.8',
      ...vite,
      ...typescript,
    },
    run: runSvelteKit,
  },
  {
    name: 'express',
    section: 'Express',
    fixture: 'express',
    told: ['express'],
    packages: { express: '5.3.0', '@types/express': '5.0.6', ...typescript },
    run: runExpress,
  },
  {
    name: 'fastify',
    section: 'Fastify',
    fixture: 'fastify',
    told: ['fastify'],
    packages: { fastify: '5.12.8', undici: '7.30.2', ...typescript },
    run: runFastify,
  },
  {
    name: 'hono-node',
    section: 'Hono',
    fixture: 'hono',
    told: ['hono', '@hono/node-server'],
    packages: { ...hono, '@hono/node-server': '1.19.19', ...typescript },
    run: runHonoNode,
  },
  {
    name: 'hono-workers',
    section: 'Hono',
    fixture: 'hono',
    told: ['hono', 'wrangler'],
    packages: { ...hono, wrangler: '4.86.0' },
    run: runWorkers,
  },
  {
    name: 'nest',
    section: 'NestJS',
    fixture: 'nest',
    told: ['@nestjs/core'],
    packages: {
      '@nestjs/core': '11.2.10',
      '@nestjs/common': '11.2.10',
      '@nestjs/platform-express': '11.2.10',
      '@types/express': '5.0.6',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
      ...typescript,
    },
    type: 'commonjs',
    run: runNest,
  },
  {
    name: 'webpack',
    section: 'webpack and Rollup',
    told: ['webpack'],
    packages: { webpack: '5.113.0', 'webpack-cli': '6.0.1' },
    run: (project) => runBundler(project, ['webpack']),
  },
  {
    name: 'rollup',
    section: 'webpack and Rollup',
    told: ['rollup'],
    packages: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3' },
    run: (project) => runBundler(project, ['rollup', '--config']),
  },
  {
    name: 'metro',
    section: 'React Native',
    fixture: 'metro',
    told: ['metro', '@react-native/babel-preset'],
    packages: {
      metro: '0.84.6',
      '@react-native/babel-preset': '0.86.3',
      '@babel/core': '7.29.13',
      '@tanstack/query-core': '5.108.4',
      zod: '4.6.7',
    },
    type: 'commonjs',
    run: runMetro,
  },
  {
    name: 'jest',
    section: 'jest',
    fixture: 'jest',
    told: ['jest', 'jest-environment-jsdom'],
    packages: {
      jest: '30.5.2',
      'babel-jest': '30.5.2',
      'jest-environment-jsdom': '30.5.2',
      '@babel/core': '7.29.13',
      '@babel/preset-env': '7.29.14',
    },
    type: 'commonjs',
    run: runJest,
  },
];

/** The versions that a lane shows. */
export function versionsOf({ told, packages }: Lane): string {
  return told.map((name) => `${name} ${packages[name]}`).join(', ');
}

/** The lanes that the arguments name; all of them if there are no arguments. Throws for an unknown lane. */
export function lanesFor(given: readonly string[]): readonly Lane[] {
  return chooseLanes(lanes, given);
}
