using SatNode.Ground.Configuration;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Functions;

/// <summary>Reads a workflow definition as people write it; unknown keys are refused with their line.</summary>
internal static class WorkflowYaml
{
    private const int MaxCharacters = 64 * 1024;
    private static readonly string[] Answers = ["false", "true"];

    /// <summary>Reads a definition.</summary>
    /// <exception cref="YamlInputException">It is not one.</exception>
    public static WorkflowDefinition Read(string source, string text)
    {
        YamlSection root = YamlSection.Parse(source, text, MaxCharacters);
        var workflow = new WorkflowDefinition
        {
            Name = root.Text("name"),
            Stages = [.. root.Sections("stages", WorkflowDefinition.StagesMax).Select(Stage)],
        };
        root.End();
        return workflow.Faults() is [{ } fault, ..] ? throw new YamlInputException(source, root.Line, fault) : workflow;
    }

    private static WorkflowStage Stage(YamlSection section)
    {
        var stage = new WorkflowStage(section.Text("name"), section.Text("function"), section.Texts("after", WorkflowDefinition.StagesMax),
            section.Texts("candidates", WorkflowDefinition.CandidatesMax),
            section.Choice("fuse", Answers, "false") == "true");
        section.End();
        return stage;
    }
}
