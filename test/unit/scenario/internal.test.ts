import { describeScenarios } from '../../support/scenario/scenario-suite.ts'

describeScenarios('internal')
