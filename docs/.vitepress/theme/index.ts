import type { Theme } from 'vitepress';
// The theme without its fonts, which are larger than everything else on the first page.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { DemoPlayer } from './DemoPlayer.ts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component('DemoPlayer', DemoPlayer);
  },
} satisfies Theme;
