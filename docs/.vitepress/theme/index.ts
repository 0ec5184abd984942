import type { Theme } from 'vitepress';
// Without its fonts, which weigh more than everything else on the first page.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { DemoPlayer } from './DemoPlayer.ts';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component('DemoPlayer', DemoPlayer);
  },
} satisfies Theme;
