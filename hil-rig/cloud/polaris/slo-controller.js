// The SLO controller: evaluates every CostEfficiencySloMapping and writes what it finds as the elasticity strategy that the mapping names.
// All but the objective itself is Polaris'.
//
//   node slo-controller.js KUBECONFIG PROMETHEUS_PORT [INTERVAL_MS]      every 20 s unless told, as Polaris' own controllers
'use strict';
const { KubeConfig } = require('@kubernetes/client-node');
const { createOwnerReference } = require('@polaris-sloc/core');
const { CostEfficiencyMetric, CostEfficiencySloMapping, CostEfficiencySloMappingSpec, initPolarisLib } = require('@polaris-sloc/common-mappings');
const { initPolarisKubernetes } = require('@polaris-sloc/kubernetes');
const { initPrometheusQueryBackend } = require('@polaris-sloc/prometheus');
const { interval, of } = require('rxjs');

/** Polaris' cost-efficiency objective: enough requests are faster than the threshold, or else the requests that are must be worth their cost. */
class CostEfficiencySlo {
  configure(sloMapping, metrics) {
    this.sloMapping = sloMapping;
    this.metric = metrics.getComposedMetricSource(CostEfficiencyMetric.instance, {
      sloTarget: sloMapping.spec.targetRef,
      namespace: sloMapping.metadata.namespace,
      targetThreshold: sloMapping.spec.sloConfig.responseTimeThresholdMs,
      owner: createOwnerReference(sloMapping),
    });
    return of(undefined);
  }

  async evaluate() {
    const sample = await this.metric.getCurrentValue().toPromise();
    if (!sample) {
      throw new Error('there is no metric: nothing was served within the window'); // nothing is written then
    }
    return { sloMapping: this.sloMapping, elasticityStrategyParams: { currSloCompliancePercentage: this.compliance(sample.value) } };
  }

  /** 100 is met, above it is violated. */
  compliance({ costEfficiency, percentileBetterThanThreshold }) {
    const { minRequestsPercentile = 90, targetCostEfficiency } = this.sloMapping.spec.sloConfig;
    if (percentileBetterThanThreshold >= minRequestsPercentile / 100) {
      return 100;
    }
    return costEfficiency > 0 ? Math.ceil(targetCostEfficiency / costEfficiency * 100) : 200;
  }
}

const [kubeconfig, prometheusPort, intervalMs = 20_000] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const polaris = initPolarisKubernetes(config);
initPrometheusQueryBackend(polaris, { host: '127.0.0.1', port: Number(prometheusPort) }, true);
initPolarisLib(polaris);
const loop = polaris.createSloControlLoop();
loop.microcontrollerFactory.registerFactoryFn(CostEfficiencySloMappingSpec, () => new CostEfficiencySlo());
loop.start({ evaluator: polaris.createSloEvaluator(), interval$: interval(Number(intervalMs)) });
polaris.createWatchManager().startWatchers([new CostEfficiencySloMapping().objectKind], loop.watchHandler).catch(fault => {
  console.error(fault);
  process.exit(1); // whoever started it starts it again
});
