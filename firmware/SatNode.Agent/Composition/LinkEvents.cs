using SatNode.Flight.Telemetry;
using SatNode.Network;
using SatNode.Protocol.Dictionary;

namespace SatNode.Agent.Composition;

/// <summary>Turns what happens on the links into events.</summary>
internal static class LinkEvents
{
    public static void Raise(in NetworkEvent happened, NodeDirectory directory, IEventSink events)
    {
        switch (happened.Kind)
        {
            case NetworkEventKind.LinkUp:
                events.Raise(Events.LinkUp, directory.NameOf(happened.Peer));
                break;
            case NetworkEventKind.LinkDown:
                events.Raise(Events.LinkDown, directory.NameOf(happened.Peer), happened.Detail);
                break;
            case NetworkEventKind.BundleDropped:
                events.Raise(Events.InputRefused, "bundle", happened.Detail, 1);
                break;
            default:
                // A connect that failed is tried again with a pause; the session that stands later is the news.
                break;
        }
    }
}
