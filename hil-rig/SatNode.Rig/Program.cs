using SatNode.Rig.Commands;

return await RigCommands.Run(args, Console.Out, Console.Error);
