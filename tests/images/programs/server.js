var http = require('http');
var requests = 0;
var podname = process.env.HOSTNAME;
var startTime;
var host;

var handleRequest = function (request, response) {
  response.setHeader('Content-Type', 'text/plain');
  response.writeHead(200);
  response.write('Hello Kubernetes bootcamp! | Running on: ');
  response.write(host);
  response.end(' | v=VERSION\n');
  console.log('Running On:', host, '| Total Requests:', ++requests,
    '| App Uptime:', (new Date() - startTime) / 1000, 'seconds', '| Log Time:', new Date());
};

var www = http.createServer(handleRequest);
www.listen(8080, function () {
  startTime = new Date();
  host = podname;
  console.log('Kubernetes Bootcamp App Started At:', startTime, '| Running On: ', host, '\n');
});

// Goes on serving while the cluster takes it out of its Services, then leaves.
process.on('SIGTERM', function () {
  setTimeout(function () {
    www.close(function () { process.exit(0); });
    www.closeIdleConnections();
  }, 2000);
});
