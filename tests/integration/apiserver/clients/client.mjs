// The life of a few objects through @kubernetes/client-node; prints one JSON line of what it saw.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const require = createRequire(process.env.PEERS + '/');
const k8s = await import(pathToFileURL(require.resolve('@kubernetes/client-node')).href);
const [kubeconfig, namespace] = process.argv.slice(2);
const config = new k8s.KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const seen = {};

const name = 'x';
const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: 'b' } } });
seen.created = made.data;
const patch = [{ op: 'replace', path: '/data/a', value: 'c' }];
seen.patched = (await core.patchNamespacedConfigMap({ namespace, name, body: patch })).data;
seen.listed = (await core.listNamespacedConfigMap({ namespace })).items.map((item) => item.metadata.name);

const watch = new k8s.Watch(config);
seen.watched = await new Promise((resolve, reject) => {
  const events = [];
  watch.watch(`/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion: made.metadata.resourceVersion },
    (type, object) => {
      events.push([type, object.metadata.name]);
      if (type === 'DELETED') resolve(events);
    }, () => {}).then(() => core.deleteNamespacedConfigMap({ namespace, name })).catch(reject);
});

const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/secrets`, () => core.listNamespacedSecret({ namespace }));
seen.informed = await new Promise((resolve, reject) => {
  informer.on('add', (object) => resolve(object.metadata.name));
  informer.on('error', reject);
  informer.start().then(() => core.createNamespacedSecret({ namespace, body: { metadata: { name: 's' }, stringData: { a: 'b' } } }));
});

const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const labels = { app: 'web' };
const web = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
};
await objects.create(web);
web.spec.replicas = 2;
const applied = await objects.patch(web, undefined, undefined, 'node', true, k8s.PatchStrategy.ServerSideApply);
seen.applied = applied.spec.replicas;
seen.scale = (await apps.readNamespacedDeploymentScale({ namespace, name: 'web' })).spec.replicas;
try {
  await core.readNamespacedPod({ namespace, name: 'none' });
} catch (error) {
  seen.missing = error.code;
}
console.log(JSON.stringify(seen));
process.exit(0);
