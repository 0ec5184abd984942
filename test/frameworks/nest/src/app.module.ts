import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { MachinesController } from './machines.controller';
import { OctaModule } from './octa.module';

@Module({ imports: [OctaModule], controllers: [MachinesController] })
export class AppModule {}
