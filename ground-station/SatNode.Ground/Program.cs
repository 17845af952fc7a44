using SatNode.Ground.Console;

return await CommandLine.RunAsync(args);
