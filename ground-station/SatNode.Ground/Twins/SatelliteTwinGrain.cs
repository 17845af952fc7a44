using SatNode.Ground.Archive;
using SatNode.Ground.Broker;
using SatNode.Protocol.Time;

namespace SatNode.Ground.Twins;

/// <summary>The twin of one satellite as a grain: one at a time, wherever the cluster put it.</summary>
internal sealed class SatelliteTwinGrain(ArchiveReader archive, ContactRegistry contacts) : Grain, ISatelliteTwin
{
    /// <summary>Records that are looked at to rebuild a twin.</summary>
    private const int RebuildMax = 20_000;

    private TwinModel? _model;

    private TwinModel Model => _model ?? throw new InvalidOperationException("expected an activated twin");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string node = this.GetPrimaryKeyString();
        var model = new TwinModel(node);
        long last = 0;
        foreach (RecordRow row in archive.Recent(node, RebuildMax).OrderBy(row => row.Id))
        {
            last = row.Id;
            model.Apply(new TwinRecord(row.Id, row.Stream, row.Payload, (long)row.Received.Milliseconds));
        }
        model.LoadedUpTo(last);
        if (contacts.Knows(node) && contacts[node] is { Since: { } since } contact)
            model.SetContact(contact.IsReachable, (long)DtnTime.From(since).Milliseconds);
        _model = model;
        return base.OnActivateAsync(cancellationToken);
    }

    public Task Apply(IReadOnlyList<TwinRecord> records)
    {
        foreach (TwinRecord record in records)
            Model.Apply(record);
        return Task.CompletedTask;
    }

    public Task SetContact(bool isReachable, long sinceMilliseconds)
    {
        Model.SetContact(isReachable, sinceMilliseconds);
        return Task.CompletedTask;
    }

    public Task<TwinState> Get() => Task.FromResult(Model.State);
}
