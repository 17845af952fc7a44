// The horizontal elasticity controller: carries out each HorizontalElasticityStrategy on the /scale of its target. All but the rule itself is Polaris'.
//
//   node elasticity-controller.js KUBECONFIG
'use strict';
const { KubeConfig } = require('@kubernetes/client-node');
const { HorizontalElasticityStrategyControllerBase, Scale } = require('@polaris-sloc/core');
const { HorizontalElasticityStrategyKind, initPolarisLib } = require('@polaris-sloc/common-mappings');
const { initPolarisKubernetes } = require('@polaris-sloc/kubernetes');

/** Polaris' own rule: replicas in proportion to the compliance, which is above 100 while the objective is missed. */
class HorizontalElasticityStrategyController extends HorizontalElasticityStrategyControllerBase {
  computeScale(strategy, current) {
    const scale = new Scale(current);
    scale.spec.replicas = Math.ceil(current.spec.replicas * strategy.spec.sloOutputParams.currSloCompliancePercentage / 100);
    return Promise.resolve(scale);
  }
}

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const polaris = initPolarisKubernetes(config);
initPolarisLib(polaris);
polaris.createElasticityStrategyManager()
  .startWatching({ kindsToWatch: [{ kind: new HorizontalElasticityStrategyKind(), controller: new HorizontalElasticityStrategyController(polaris) }] })
  .catch(fault => {
    console.error(fault);
    process.exit(1); // whoever started it starts it again
  });
