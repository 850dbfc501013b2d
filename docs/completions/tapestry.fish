function __tapestry_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tapestry_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __tapestry_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tapestry_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __tapestry_parse_tokens -S
    set -l unparsed_tokens (__tapestry_tokens -pc)
    switch $unparsed_tokens[1]
    case 'tapestry'
        __tapestry_parse_subcommand 0 'state=' 'v/verbose' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'attach'
            __tapestry_parse_subcommand 1 'network=' 'interface=' 'ip=' 'mac=' 'owner=' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'publish=+' 'rate-limit=' 'max-connections=' 'label=+' 'pid=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'detach'
            __tapestry_parse_subcommand 1 'interface=' 'all' 'filter=+' 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'run'
            __tapestry_parse_subcommand -r 2 'network=' 'interface=' 'ip=' 'mac=' 'owner=' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'publish=+' 'rate-limit=' 'max-connections=' 'label=+' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'ls'
            __tapestry_parse_subcommand 0 'network=' 'filter=+' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'inspect'
            __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'network'
            __tapestry_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'create'
                __tapestry_parse_subcommand 1 'mode=' 'guest-ip=' 'guest-mac=' 'guest-gateway=' 'gateway-mac=' 'subnet=' 'bridge=' 'mtu=' 'subnet6=' 'nat6' 'no-nat6' 'dns=+' 'dns-server' 'dns-upstream=+' 'allow-inter-vm' 'no-nat' 'no-firewall-rules' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'host-access=' 'label=+' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'ls'
                __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'show'
                __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'rm'
                __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            end
        case 'policy'
            __tapestry_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'set'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'inherit' 'host-access=' 'rate-limit=' 'max-connections=' 'version' 'h/help'
            case 'add'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'host-access=' 'version' 'h/help'
            case 'remove'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'allow=+' 'deny=+' 'allow-domain=+' 'allow-label=+' 'host-access=' 'version' 'h/help'
            case 'show'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            end
        case 'publish'
            __tapestry_parse_subcommand -r 2 'interface=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'unpublish'
            __tapestry_parse_subcommand -r 2 'interface=' 'all' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'label'
            __tapestry_parse_subcommand -r 1 'interface=' 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'check'
            __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'repair'
            __tapestry_parse_subcommand 0 'dry-run' 'adopt' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'gc'
            __tapestry_parse_subcommand 0 'dry-run' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'cleanup'
            __tapestry_parse_subcommand 0 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'doctor'
            __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'bench'
            __tapestry_parse_subcommand 0 'guests=' 'mode=' 'part=+' 'idle=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'version'
            __tapestry_parse_subcommand 0 'o/output=' 'version' 'h/help'
        case 'help'
            __tapestry_parse_subcommand -r 1 'version'
        end
    end
end

function __tapestry_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __tapestry_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __tapestry_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __tapestry_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__tapestry_tokens -p)
    if test -z "$(__tapestry_tokens -t)"
        set -l index (count (__tapestry_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'tapestry' -f
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'attach' -d 'Attach a VM to a network: create its TAP, print the settings for the VMM and the guest.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'detach' -d 'Detach a VM: stop its traffic, delete its TAPs, free its addresses.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'run' -d 'Attach a VM, run its VMM, and detach when the VMM ends, however it ends.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'ls' -d 'List attachments.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'inspect' -d 'Show every interface of one VM in full.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'network' -d 'Create, list, show and remove networks.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'policy' -d 'Show what guests may reach, or change it while they run.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'publish' -d 'Forward host ports to a running VM.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'unpublish' -d 'Stop forwarding host ports to a VM.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'label' -d 'Change the labels of a VM, or of a network.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'check' -d 'Compare the kernel with the desired state.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'repair' -d 'Repair every difference that \'check\' finds.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'gc' -d 'Remove what is no longer used.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'cleanup' -d 'Remove everything and restore the host.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'doctor' -d 'Examine the host for problems that break guest networking, now or later.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'bench' -d 'Measure attach, detach and packet latency on this machine, relative to the kernel\'s own cost.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'version' -d 'Print the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" network' -l 'network' -d 'The network to attach the VM to.' -rfka '(__tapestry_custom_completion ---completion attach -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" interface' -l 'interface' -d 'The id of the VM\'s interface, with the same characters as the VM\'s id. If it is a Linux NIC name such as eth1 or ens3, the boot arguments configure that device, else eth0.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" ip' -l 'ip' -d 'The guest\'s IPv4 address. (default: the next free address of the subnet)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" mac' -l 'mac' -d 'The guest\'s MAC. (default: derived from the ids)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" owner' -l 'owner' -d 'The numeric user, and optionally group, that may open the TAP without privileges: those the VMM runs as. (default: root only)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" egress' -l 'egress' -d 'The default for destinations that no rule matches: everything the host can reach; only the internet, so no private addresses; or nothing. (default: all for a network; for an attachment, that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'publish' -d 'Forward a host port to a guest port: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" rate-limit' -l 'rate-limit' -d 'Per-second limits on what the guest sends (tx) and receives (rx): one or more of tx=RATE, rx=RATE, tx-packets=NUMBER, separated by commas. RATE is a number followed by bit, kbit, mbit or gbit. Packets are counted as the guest sends them: a packet that is segmented on its way out counts once.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" max-connections' -l 'max-connections' -d 'The guest\'s maximum number of concurrent connections, or none for no limit. (default: 4096)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'label' -d 'A label, to find the VM by. With --allow-label, a policy lets others reach what has it. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" pid' -l 'pid' -d 'The VMM\'s process id. After this process exits, \'tapestry gc\' removes the attachment.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" dry-run' -l 'dry-run' -d 'Print the resulting attachment and every step; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" o output' -l 'output' -s 'o' -d 'Output format for the attachment.' -rfka 'text json env boot-args firecracker qemu'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry detach" -eq 1' -fka '(__tapestry_custom_completion ---completion detach -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" all' -l 'all' -d 'Detach every VM.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach"' -l 'filter' -d 'Only attachments with this label: label=KEY=VALUE, or label=KEY for any value. May be repeated: all must match.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" network' -l 'network' -d 'With --all or --filter: only VMs of this network.' -rfka '(__tapestry_custom_completion ---completion detach -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" network' -l 'network' -d 'The network to attach the VM to.' -rfka '(__tapestry_custom_completion ---completion run -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" interface' -l 'interface' -d 'The id of the VM\'s interface, with the same characters as the VM\'s id. If it is a Linux NIC name such as eth1 or ens3, the boot arguments configure that device, else eth0.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" ip' -l 'ip' -d 'The guest\'s IPv4 address. (default: the next free address of the subnet)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" mac' -l 'mac' -d 'The guest\'s MAC. (default: derived from the ids)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" owner' -l 'owner' -d 'The numeric user, and optionally group, that may open the TAP without privileges: those the VMM runs as. (default: root only)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" egress' -l 'egress' -d 'The default for destinations that no rule matches: everything the host can reach; only the internet, so no private addresses; or nothing. (default: all for a network; for an attachment, that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'publish' -d 'Forward a host port to a guest port: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" rate-limit' -l 'rate-limit' -d 'Per-second limits on what the guest sends (tx) and receives (rx): one or more of tx=RATE, rx=RATE, tx-packets=NUMBER, separated by commas. RATE is a number followed by bit, kbit, mbit or gbit. Packets are counted as the guest sends them: a packet that is segmented on its way out counts once.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" max-connections' -l 'max-connections' -d 'The guest\'s maximum number of concurrent connections, or none for no limit. (default: 4096)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'label' -d 'A label, to find the VM by. With --allow-label, a policy lets others reach what has it. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" network' -l 'network' -d 'Only attachments of this network.' -rfka '(__tapestry_custom_completion ---completion ls -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls"' -l 'filter' -d 'Only attachments with this label: label=KEY=VALUE, or label=KEY for any value. May be repeated: all must match.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry inspect" -eq 1' -fka '(__tapestry_custom_completion ---completion inspect -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'create' -d 'Create a network: a bridge with the gateway address, its ruleset, forwarding.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'ls' -d 'List the networks.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'show' -d 'Show one network in full.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'rm' -d 'Remove a network that has no attachments.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" mode' -l 'mode' -d 'How guests are connected: as bridge ports, at most 1,023; each by its own route; or each by its own route, for guests restored from one snapshot.' -rfka 'bridge routed clone'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-ip' -l 'guest-ip' -d 'The address of every guest of a clone network. (default prefix length: 24)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-mac' -l 'guest-mac' -d 'The MAC of every guest of a clone network.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-gateway' -l 'guest-gateway' -d 'The guests\' configured gateway. (default: the first address of their subnet)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" gateway-mac' -l 'gateway-mac' -d 'The MAC of the gateway in the guests\' ARP cache. (default: the gateway MAC of the network \'default\')' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" subnet' -l 'subnet' -d 'The guests\' IPv4 subnet. Its first address is the gateway. (default: the first /24 from 172.30.0.0 upwards that is free on this host)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" bridge' -l 'bridge' -d 'The name of the bridge to create. It has the gateway address. (default: the first free of svbr0, svbr1, …)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" mtu' -l 'mtu' -d 'The MTU of the bridge and the guests\' links: 576 to 65521. (default: 1500, or the uplink\'s MTU if that is less)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" subnet6' -l 'subnet6' -d 'The guests\' IPv6 prefix, a /64; \'auto\' generates a random unique local prefix. (default: no IPv6)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" nat6' -l 'nat6' -d 'Whether to masquerade guests\' IPv6 as the host\'s address. (default: only if the prefix is unique local)'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-nat6' -l 'no-nat6' -d 'Whether to masquerade guests\' IPv6 as the host\'s address. (default: only if the prefix is unique local)'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'dns' -d 'A DNS server for the guests\' boot arguments; may be given twice.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" dns-server' -l 'dns-server' -d 'Run a DNS server (dnsmasq) at the gateway address, for this network\'s guests only. It resolves outside names and, with --allow-inter-vm, guests as VM.NETWORK.internal. In mode bridge it also serves DHCP and, with --subnet6, sends router advertisements. The boot arguments name it, unless --dns is given.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'dns-upstream' -d 'An upstream DNS resolver for the network\'s DNS server; may be given three times. (default: the host\'s resolvers)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" allow-inter-vm' -l 'allow-inter-vm' -d 'Let guests of this network reach each other.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-nat' -l 'no-nat' -d 'Do not masquerade. Other hosts then need a route to the subnet to reply to guests.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-firewall-rules' -l 'no-firewall-rules' -d 'Add no rules that accept guests\' packets to other firewalls of the host. What those drop stays dropped.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" egress' -l 'egress' -d 'The default for destinations that no rule matches: everything the host can reach; only the internet, so no private addresses; or nothing. (default: all for a network; for an attachment, that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" host-access' -l 'host-access' -d 'The services of the host that guests may reach: none, or one or more of icmp, dns, all and PORT[-PORT]/tcp|udp, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'label' -d 'A label, to find the network by. With --allow-label, a policy lets others reach what has it. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network show" -eq 1' -fka '(__tapestry_custom_completion ---completion network show -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network rm" -eq 1' -fka '(__tapestry_custom_completion ---completion network rm -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'set' -d 'Change what a VM, or the guests of a network, may reach.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'add' -d 'Add to the lists of a policy.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'remove' -d 'Remove from the lists of a policy.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'show' -d 'Show what a VM, or the guests of a network, may reach.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy set" -eq 1' -fka '(__tapestry_custom_completion ---completion policy set -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" network' -l 'network' -d 'A network, instead of a VM.' -rfka '(__tapestry_custom_completion ---completion policy set -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" dry-run' -l 'dry-run' -d 'Print the resulting policy and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" egress' -l 'egress' -d 'The default for destinations that no rule matches: everything the host can reach; only the internet, so no private addresses; nothing; or, for a VM, the default of its network.' -rfka 'all internet none inherit'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" inherit' -l 'inherit' -d 'Remove the VM\'s own policy: the network\'s policy applies.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" host-access' -l 'host-access' -d 'With --network: the services of the host that guests may reach: none, or one or more of icmp, dns, all and PORT[-PORT]/tcp|udp, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" rate-limit' -l 'rate-limit' -d 'For a VM: one or more of tx=RATE, rx=RATE, tx-packets=NUMBER, separated by commas, as for \'attach\'; none in place of a value removes that limit. none alone removes all.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" max-connections' -l 'max-connections' -d 'For a VM: its maximum number of concurrent connections; none for no limit, default for the default limit.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy add" -eq 1' -fka '(__tapestry_custom_completion ---completion policy add -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" network' -l 'network' -d 'A network, instead of a VM.' -rfka '(__tapestry_custom_completion ---completion policy add -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" dry-run' -l 'dry-run' -d 'Print the resulting policy and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" host-access' -l 'host-access' -d 'With --network: services of the host that guests may reach: one or more of icmp, dns, all and PORT[-PORT]/tcp|udp, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy remove" -eq 1' -fka '(__tapestry_custom_completion ---completion policy remove -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" network' -l 'network' -d 'A network, instead of a VM.' -rfka '(__tapestry_custom_completion ---completion policy remove -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" dry-run' -l 'dry-run' -d 'Print the resulting policy and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'allow' -d 'Allow this traffic: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp|ipNUMBER]; may be repeated. Put an IPv6 address before a port in brackets. If rules overlap, the longest prefix wins, then the fewest ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'deny' -d 'Drop this traffic; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'allow-domain' -d 'With --egress none, allow the addresses that the network\'s DNS server (--dns-server) resolves this name to, or with a leading *. the names below it, if they are on the internet; for an hour after each answer. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'allow-label' -d 'Allow connections to guests of any network of this host that have this label, or whose network has it; may be repeated. A --deny that matches a guest\'s address still applies.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" host-access' -l 'host-access' -d 'With --network: services of the host that guests may reach: one or more of icmp, dns, all and PORT[-PORT]/tcp|udp, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy show" -eq 1' -fka '(__tapestry_custom_completion ---completion policy show -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" network' -l 'network' -d 'A network, instead of a VM.' -rfka '(__tapestry_custom_completion ---completion policy show -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry publish" -eq 1' -fka '(__tapestry_custom_completion ---completion publish -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" interface' -l 'interface' -d 'The interface of the VM, if it has several.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry unpublish" -eq 1' -fka '(__tapestry_custom_completion ---completion unpublish -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" interface' -l 'interface' -d 'The interface of the VM, if it has several.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" all' -l 'all' -d 'All published ports of the VM.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry label" -ge 1' -fka '(__tapestry_custom_completion ---completion label -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" network' -l 'network' -d 'The labels of this network, not of a VM.' -rfka '(__tapestry_custom_completion ---completion label -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry label" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" dry-run' -l 'dry-run' -d 'Print the steps; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" adopt' -l 'adopt' -d 'First add the networks and attachments that are in the kernel but not in the state file.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" dry-run' -l 'dry-run' -d 'Print the steps; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" network' -l 'network' -d 'Only this network.' -rfka '(__tapestry_custom_completion ---completion cleanup -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" guests' -l 'guests' -d 'How many guests to attach and detach.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" mode' -l 'mode' -d 'The network mode: bridge, routed, clone.' -rfka 'bridge routed clone'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench"' -l 'part' -d 'What to measure; may be repeated. (default: all)' -rfka 'library commands components clones packets'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" idle' -l 'idle' -d 'A program that does nothing: the baseline for process start times.' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" state' -l 'state' -d 'The state file, which stores networks and attachments. Only root, or this user, may have write access to it and its directories. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" v verbose' -l 'verbose' -s 'v' -d 'Log every step to standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" o output' -l 'output' -s 'o' -d 'Output format for results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry help" version' -l 'version' -d 'Show the version.'
